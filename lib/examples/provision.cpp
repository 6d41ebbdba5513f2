/// A provisioning service: requests from standard input, one a line, each answered by one line. Behind a socket of systemd (Accept=yes, StandardInput=socket) it
/// serves a unix socket, by a process for each client.
///
///     make ADDRESS QUOTA NAME...      a mailbox without a password; QUOTA as "2G" or "none"
///     change ADDRESS QUOTA NAME...
///     stop ADDRESS REASON             mail to it is refused, and nobody logs in
///     start ADDRESS
///     remove ADDRESS                  marks it: it goes for good when the purge of the site finds it old enough
///
///     ok changed | ok unchanged
///     later SENTENCE                  nothing was done, as the server is away or somebody was faster: the same line again, in a minute
///     doubt SENTENCE                  it was sent, and nobody knows what became of it: the same line again, which finds out
///     no KIND SENTENCE                never by this line
///     broken KIND SENTENCE            never by any line, until somebody has looked at the service
///
/// A request says how things are to be, so that it may be given again after any answer, and after none.

#include <filesystem>
#include <functional>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include <vmail/address.hpp>
#include <vmail/configuration.hpp>
#include <vmail/directory.hpp>
#include <vmail/draft.hpp>
#include <vmail/error.hpp>
#include <vmail/jobs/runner.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/mailbox.hpp>
#include <vmail/quota.hpp>
#include <vmail/service_change.hpp>
#include <vmail/settings.hpp>

namespace {

using planner = std::function<void(vmail::draft&)>;

struct wishes {
    vmail::quota quota;
    std::string name; ///< empty: what is there stays
};

/// What a request before this one has made is not made again, and not taken for somebody else's.
void make(vmail::draft& plan, const vmail::address& who, const wishes& w) {
    const auto there = plan.find<vmail::mailbox>(who);
    if (!there) {
        vmail::mailbox m(who);
        m.quota = w.quota;
        m.full_name = w.name;
        plan.add(m);
    } else if (!there->value.removed && there->value.quota == w.quota && (w.name.empty() || there->value.full_name == w.name)) {
        plan.leave(who.text());
    } else {
        throw vmail::already_exists(who.text() + " exists already, with other values or marked as removed", {.dn = there->source.dn().text()});
    }
}

void change(vmail::draft& plan, const vmail::address& who, const wishes& w) {
    auto m = plan.get<vmail::mailbox>(who);
    m->quota = w.quota;
    if (!w.name.empty()) m->set_name(w.name);
    plan.update(m, "changed");
}

/// What takes a mailbox out of service, or back, is said of the value; the plan finds out what that changes.
void turn(vmail::draft& plan, const vmail::address& who, std::string action, const std::function<void(const vmail::service_change&, vmail::mailbox&)>& how) {
    auto m = plan.get<vmail::mailbox>(who);
    how(vmail::service_change(plan.where()), m.value);
    plan.update(m, std::move(action));
}

std::string next_word(std::istream& words) {
    std::string word;
    if (!(words >> word)) throw vmail::invalid_value("a word is missing at the end of the request");
    return word;
}

wishes next_wishes(std::istream& words) {
    wishes w{vmail::quota::parse(next_word(words)), {}};
    std::getline(words >> std::ws, w.name);
    return w;
}

planner parse(const std::string& line) {
    std::istringstream words(line);
    const std::string verb = next_word(words);
    const auto who = vmail::address::parse(next_word(words));
    if (verb == "make") return [who, w = next_wishes(words)](vmail::draft& plan) { make(plan, who, w); };
    if (verb == "change") return [who, w = next_wishes(words)](vmail::draft& plan) { change(plan, who, w); };
    if (verb == "stop")
        return [who, why = next_word(words)](vmail::draft& plan) { turn(plan, who, "disabled", [&](const auto& by, auto& m) { by.disable(m, why); }); };
    if (verb == "start") return [who](vmail::draft& plan) { turn(plan, who, "enabled", [](const auto& by, auto& m) { by.enable(m); }); };
    if (verb == "remove") return [who](vmail::draft& plan) { turn(plan, who, "removed", [](const auto& by, auto& m) { by.mark_removed(m); }); };
    throw vmail::invalid_value("a request begins with make, change, stop, start or remove");
}

std::string answer_to(const vmail::error& e) {
    const std::string sentence = e.what(), kind(name(e.kind()));
    switch (e.kind()) {
    case vmail::error_kind::unavailable:
    case vmail::error_kind::conflict: return "later " + sentence;
    case vmail::error_kind::in_doubt: return "doubt " + sentence;
    case vmail::error_kind::invalid_value:
    case vmail::error_kind::not_found:
    case vmail::error_kind::already_exists:
    case vmail::error_kind::limit_exceeded: return "no " + kind + ' ' + sentence;
    default: return "broken " + kind + ' ' + sentence;
    }
}

class service {
public:
    explicit service(const vmail::configuration& c) : configuration_(c), site_(make_site(c)), journal_(journal_folder(c)) {}

    std::string answer(const std::string& line) {
        try {
            return carry_out(parse(line)) ? "ok changed" : "ok unchanged";
        } catch (const vmail::error& e) {
            return answer_to(e);
        }
    }

private:
    struct link {
        vmail::ldap::session session;
        vmail::directory directory;
        link(const vmail::configuration& c, const vmail::site& s) : session(make_session_options(c)), directory(session, {.site = s}) {}
    };

    /// A service starts without a server. A session that loses its server looks for one at each call.
    vmail::directory& directory() {
        if (!link_) link_.emplace(configuration_, site_);
        return link_->directory;
    }

    /// Made anew where others were faster than the plan. Whether anything had to be changed.
    bool carry_out(const planner& wanted) {
        vmail::plan p;
        const auto make = [&]() -> const vmail::plan& {
            vmail::draft plan(directory());
            wanted(plan);
            return p = std::move(plan).take();
        };
        const auto summary = vmail::run(directory(), make, {.job = "provision", .journal_folder = journal_});
        summary.success();
        return summary.anything_changed();
    }

    vmail::configuration configuration_;
    vmail::site site_;
    std::filesystem::path journal_;
    std::optional<link> link_{};
};

vmail::configuration read_configuration() {
    vmail::settings settings;
    settings.read_files();
    settings.read_environment();
    return vmail::parse_configuration(settings);
}

} // namespace

int main() {
    try {
        service s(read_configuration());
        for (std::string line; std::getline(std::cin, line);) std::cout << s.answer(line) << std::endl;
        return 0;
    } catch (const vmail::error& e) {
        std::cerr << "provision: " << e.what() << '\n';
        return 78; // EX_CONFIG
    }
}
