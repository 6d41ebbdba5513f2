/// A small service of somebody else's: it reads the site's settings, makes a domain and a mailbox, changes and lists, and answers each kind of error
/// as a service would, with a status and words of its own. What it says is in transcript.
///
///     consumer FOLDER     with service.conf, reader.conf (who may not write), away.conf (a server that is not there), broken.conf

#include <filesystem>
#include <functional>
#include <iostream>
#include <string>
#include <utility>

#include <vmail/address.hpp>
#include <vmail/configuration.hpp>
#include <vmail/directory.hpp>
#include <vmail/domain.hpp>
#include <vmail/draft.hpp>
#include <vmail/error.hpp>
#include <vmail/jobs/runner.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/mailbox.hpp>
#include <vmail/quota.hpp>
#include <vmail/settings.hpp>

namespace {

vmail::configuration load(const std::filesystem::path& file) {
    vmail::settings settings;
    settings.read_file(file);
    settings.read_environment();
    return vmail::parse_configuration(settings);
}

class service {
public:
    explicit service(const vmail::configuration& c) : session_(make_session_options(c)), directory_(session_, {.site = make_site(c)}) {}
    vmail::directory* operator->() noexcept { return &directory_; }

    /// What takes more than one write is a plan.
    void carry_out(const std::function<void(vmail::draft&)>& wanted) {
        vmail::draft plan(directory_);
        wanted(plan);
        vmail::run(directory_, std::move(plan).take(), {.job = "service"}).success();
    }

private:
    vmail::ldap::session session_;
    vmail::directory directory_;
};

const auto our_domain = vmail::domain_name::parse("service.example");
const auto ann = vmail::address::parse("Ann@service.example");

/// This service has forms where mailctl has commands.
std::string in_our_words(const vmail::error& e) {
    switch (e.remedy()) {
    case vmail::remedy::none: return "";
    case vmail::remedy::add_domain: return ", open the form for a new domain with " + e.subject();
    case vmail::remedy::raise_limit_mailboxes: return ", buy more mailboxes for " + e.subject();
    default: return ", tell the administrator: " + std::string(name(e.remedy()));
    }
}

std::string told(int status, const vmail::error& e) { return std::to_string(status) + " " + std::string(name(e.kind())) + in_our_words(e); }

/// Each type by itself: an exception keeps its type across the boundary of the library.
std::string answer(const std::function<void()>& act) {
    try {
        act();
        return "200";
    } catch (const vmail::not_found& e) {
        return told(404, e);
    } catch (const vmail::already_exists& e) {
        return told(409, e);
    } catch (const vmail::conflict& e) {
        return told(412, e) + (e.retryable() ? ", read again and try again" : "");
    } catch (const vmail::denied& e) {
        return told(403, e);
    } catch (const vmail::limit_exceeded& e) {
        return told(507, e);
    } catch (const vmail::invalid_value& e) {
        return told(422, e);
    } catch (const vmail::unavailable& e) {
        return told(503, e) + (e.session_usable() ? "" : ", connect again");
    } catch (const vmail::error& e) {
        return told(500, e);
    }
}

void say(const std::string& what, const std::function<void()>& act) { std::cout << what << ": " << answer(act) << std::endl; }

vmail::mailbox mailbox_of(const vmail::address& a) {
    vmail::mailbox m(a);
    m.quota = vmail::quota::parse("1G");
    return m;
}

void list(service& s) {
    for (const auto& m : s->list_mailboxes({.domain = our_domain}).items) std::cout << "  " << m->address.text() << ' ' << m->quota->text() << '\n';
}

void make_change_and_list(service& s) {
    vmail::domain d(our_domain);
    d.max_mailboxes = 1;
    say("make a domain", [&] { s.carry_out([&](vmail::draft& plan) { plan.add(d, {}); }); });
    say("make a mailbox", [&] { s->add_mailbox(mailbox_of(ann)); });
    list(s);
    say("change it", [&] {
        auto m = s->get_mailbox(ann);
        m->quota = vmail::quota::parse("2G");
        s->update(m);
    });
    list(s);
}

void fail_in_every_way(service& s, const std::filesystem::path& folder) {
    say("look for nobody", [&] { s->get_mailbox(vmail::address::parse("nobody@service.example")); });
    say("make one in no domain", [&] { s->add_mailbox(mailbox_of(vmail::address::parse("ann@nowhere.example"))); });
    say("make it again", [&] { s->add_mailbox(mailbox_of(ann)); });
    say("change what somebody changed", [&] {
        auto mine = s->get_mailbox(ann), theirs = s->get_mailbox(ann);
        theirs->full_name = "Ann Other";
        s->update(theirs);
        mine->full_name = "Anna";
        s->update(mine);
    });
    say("make one too many", [&] { s->add_mailbox(mailbox_of(vmail::address::parse("bob@service.example"))); });
    say("read an address", [] { vmail::address::parse("ann at service"); });
    say("change as one who may not", [&] {
        service reader(load(folder / "reader.conf"));
        auto m = reader->get_mailbox(ann);
        m->full_name = "Mallory";
        reader->update(m);
    });
    say("go where no server is", [&] { service away(load(folder / "away.conf")); });
    say("read broken settings", [&] { load(folder / "broken.conf"); });
    say("go without any settings", [] { service lost(vmail::parse_configuration({})); });
}

void clear_away(service& s) {
    say("remove the mailbox", [&] { s->remove(s->get_mailbox(ann)); });
    say("remove the domain", [&] { s.carry_out([](vmail::draft& plan) { plan.remove(plan.get<vmail::domain>(our_domain)); }); });
    say("list it", [&] { list(s); });
}

} // namespace

int main(int, char** argv) {
    const std::filesystem::path folder = argv[1];
    service s(load(folder / "service.conf"));
    make_change_and_list(s);
    fail_in_every_way(s, folder);
    clear_away(s);
}
