#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <functional>
#include <iostream>

#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <vmail/draft.hpp>
#include <vmail/error.hpp>
#include <vmail/jobs/expiry_run.hpp>
#include <vmail/jobs/import.hpp>
#include <vmail/jobs/runner.hpp>

#include "faulty_proxy.hpp"
#include "mail_view.hpp"
#include "scene.hpp"

using namespace vmail;
using moment = faulty_proxy::moment;

namespace {

const std::set<std::string> our_domains = {"example.org", "example.net", "example.com"};

/// Something that takes several writes.
struct operation {
    std::string name;
    std::function<void(scene&)> prepare;
    std::function<void(directory&)> act;
    /// What becomes of an address; it may be gone when that gets the mail. Nothing: it is meant to stop.
    std::function<std::string(const std::string&)> renamed = [](const std::string& a) { return a; };
    bool keeps_all = true; ///< all mail gets to where it got before
    bool serves_new_name = false; ///< and so does that to its new names, as soon as any is taken
};

enum class victim { client, server };

run_summary carry_out(directory& d, draft&& planned) {
    auto summary = run(d, std::move(planned).take(), {.job = "cut", .max_changes = unlimited_changes});
    summary.success();
    return summary;
}

void plan_and_run(directory& d, const std::function<void(draft&)>& plan) {
    draft planned(d, {.token = "cut"});
    planned.attempt("it", [&] { plan(planned); });
    carry_out(d, std::move(planned));
}

/// The parts of a test that are there for all of them: one server, and what stands before it.
struct stage {
    test_directory& server = test_directory::shared();
    faulty_proxy proxy{(server.dir() / "ldapi").string()};
    std::unique_ptr<ldap::session> session = open(server.as_owner());

    static std::unique_ptr<ldap::session> open(ldap::session_options options) { return std::make_unique<ldap::session>(std::move(options)); }

    ldap::session_options through_proxy() const {
        auto options = server.as_owner();
        options.uris = {proxy.uri()};
        return options;
    }

    void prepare(const operation& o) {
        scene s(*session);
        s.clear();
        o.prepare(s);
        s.flush();
    }

    mail_view look() { return mail_view(*session, scene::container()); }

    static void act(const operation& o, ldap::session_options options) {
        ldap::session own(std::move(options));
        directory d(own, {.site = scene::site()});
        o.act(d);
    }

    /// Runs it in a process of its own, which the proxy may kill. Whether it was.
    bool run_until_killed(const operation& o, int n, moment when) {
        std::atomic<pid_t> child = 0;
        proxy.when_write(n, when, [&] {
            while (child == 0) std::this_thread::yield();
            ::kill(child, SIGKILL);
        });
        const pid_t pid = ::fork();
        REQUIRE(pid >= 0);
        if (pid == 0) {
            try {
                act(o, through_proxy());
            } catch (const std::exception& e) {
                std::cerr << e.what() << '\n';
            }
            ::_exit(0);
        }
        child = pid;
        int status = 0;
        ::waitpid(pid, &status, 0);
        proxy.forget_event();
        proxy.wait_until_idle();
        return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    }

    /// Runs it here, and kills the server under it. What it reports, or nothing.
    std::string run_until_server_is_killed(const operation& o, int n, moment when) {
        bool killed = false;
        proxy.when_write(n, when, [&] {
            server.kill_server();
            killed = true;
        });
        session.reset();
        std::string said;
        try {
            act(o, through_proxy());
        } catch (const error& e) {
            said = e.what();
        }
        proxy.forget_event();
        proxy.wait_until_idle();
        REQUIRE(killed);
        server.restart();
        session = open(server.as_owner());
        return said;
    }
};

std::string list_of(const std::vector<std::string>& lines) {
    std::string all;
    for (const auto& l : lines) all += "\n  " + l;
    return all;
}

/// What differs first.
std::string difference(const std::string& is, const std::string& should) {
    std::istringstream a(is), b(should);
    std::string dn, x, y;
    for (;;) {
        const bool more_a = static_cast<bool>(std::getline(a, x)), more_b = static_cast<bool>(std::getline(b, y));
        if (!more_a && !more_b) return "";
        if (y.starts_with("dn: ")) dn = y;
        if (x != y || more_a != more_b) return dn + ": is \"" + x + "\", should be \"" + y + '"';
    }
}

class visit {
public:
    visit(stage& s, const operation& o) : stage_(s), operation_(o) {
        stage_.prepare(o);
        const mail_view before = stage_.look();
        for (const auto& a : before.addresses())
            if (auto ends = before.reached_by(a, our_domains); !ends.empty()) reached_before_[a] = std::move(ends);
        dangling_before_ = before.dangling(our_domains).size();
        const int seen = stage_.proxy.writes_seen();
        stage_.act(o, stage_.through_proxy());
        writes_ = stage_.proxy.writes_seen() - seen;
        const mail_view after = stage_.look();
        whole_ = after.text();
        check_whole(after, "uncut");
        MESSAGE(o.name << ": " << writes_ << " writes");
    }

    void cut_everywhere(victim who) {
        for (int n = 1; n <= writes_; ++n)
            for (const moment when : {moment::before_request, moment::after_answer}) cut_at(n, when, who);
    }

    int writes() const noexcept { return writes_; }

private:
    void cut_at(int n, moment when, victim who) {
        const std::string where = operation_.name + ", " + (who == victim::client ? "client" : "server") + " killed " +
                                  (when == moment::before_request ? "before" : "after") + " write " + std::to_string(n) + " of " + std::to_string(writes_);
        INFO(where);
        stage_.prepare(operation_);
        if (who == victim::client) CHECK(stage_.run_until_killed(operation_, n, when));
        else stage_.run_until_server_is_killed(operation_, n, when);
        check_prefix(stage_.look());
        run_again();
        check_whole(stage_.look(), where);
    }

    void run_again() {
        try {
            stage_.act(operation_, stage_.server.as_owner());
        } catch (const error& e) {
            INFO(std::string(e.what()));
            // Who asks for what is done already may be told that there is nothing to do it to.
            CHECK(e.kind() == error_kind::not_found);
        }
    }

    void check_prefix(const mail_view& cut) const {
        const auto dangling = cut.dangling(our_domains);
        INFO(list_of(dangling));
        CHECK(dangling.size() <= dangling_before_);
        if (!operation_.keeps_all) return;
        for (const auto& before : reached_before_) {
            const std::string& address = before.first;
            INFO(address);
            const bool kept = cut.reached_by(address, our_domains) == before.second || cut.reached_by(operation_.renamed(address), our_domains) == before.second;
            CHECK(kept);
            if (operation_.serves_new_name) check_new_name(cut, address, before.second);
        }
    }

    /// Whoever writes to it is not told that there is nobody.
    void check_new_name(const mail_view& cut, const std::string& address, const std::set<std::string>& ends) const {
        const std::string fresh = operation_.renamed(address);
        if (fresh != address && cut.serves(fresh.substr(fresh.find('@') + 1))) CHECK(cut.reached_by(fresh, our_domains) == ends);
    }

    void check_whole(const mail_view& done, const std::string& where) const {
        INFO(where);
        const std::string different = difference(done.text(), whole_);
        CHECK(different == "");
        CHECK(list_of(done.dangling(our_domains)) == "");
        CHECK(list_of(done.doubles()) == "");
        CHECK(list_of(done.leftovers()) == "");
    }

    stage& stage_;
    const operation& operation_;
    int writes_ = 0;
    std::string whole_;
    std::size_t dangling_before_ = 0;
    std::map<std::string, std::set<std::string>> reached_before_;
};

void cut_everywhere(const operation& o, const std::vector<victim>& who = {victim::client, victim::server}) {
    stage s;
    visit v(s, o);
    for (const victim w : who) v.cut_everywhere(w);
}

std::function<std::string(const std::string&)> to(const std::map<std::string, std::string>& names) {
    return [names](const std::string& a) { return names.contains(a) ? names.at(a) : a; };
}

address at(const std::string& text) { return address::parse(text); }
domain_name named(const std::string& text) { return domain_name::parse(text); }

// ---- a mailbox gets another address

/// Named by its login, as other tools do it.
void name_by_uid(ldap::entry& e) {
    const std::string mail = e.first("mail").value();
    e.set("uid", mail.substr(0, mail.find('@')));
    e.set_dn(e.dn().parent().child("uid", e.first("uid").value()));
}

void bob_and_who_writes_to_him(scene& s, bool by_uid = false) {
    s.domain("example.org");
    s.domain("example.net");
    s.mailbox("bob@example.org", {"bob@example.org", "friend@elsewhere.example"}, [&](ldap::entry& e) {
        if (by_uid) name_by_uid(e);
    });
    s.mailbox("carol@example.org", {"carol@example.org", "BOB@Example.ORG"});
    s.mailbox("dave@example.org", {"dave@example.org", "bob+lists@example.org"}, name_by_uid);
    s.mailbox("eve@example.net", {"bob@example.org"}, [](ldap::entry& e) { e.set("vacationForward", "bob@example.org"); });
    s.alias("info@example.org", {"bob@example.org", "carol@example.org"});
    s.alias("sales@example.net", {"Bob+sales@example.org"});
    s.alias("@example.net", {"bob@example.org"});
}

operation mailbox_rename(const std::string& name, const std::string& to_address, bool keep_alias = false, bool by_uid = false) {
    return {.name = "mailbox rename" + name,
            .prepare = [=](scene& s) { bob_and_who_writes_to_him(s, by_uid); },
            .act = [=](directory& d) { plan_and_run(d, [&](draft& p) { p.rename(at("bob@example.org"), at(to_address), {.keep_alias = keep_alias}); }); },
            .renamed = to({{"bob@example.org", to_address}})};
}

} // namespace

TEST_CASE("a mailbox's rename, cut at any write, is finished by the same command") { cut_everywhere(mailbox_rename("", "robert@example.org")); }

TEST_CASE("a mailbox's rename to another domain, cut at any write, is finished by the same command") {
    cut_everywhere(mailbox_rename(" to another domain", "robert@example.net"), {victim::client});
}

TEST_CASE("a mailbox's rename that keeps its old address as an alias, cut at any write, is finished by the same command") {
    cut_everywhere(mailbox_rename(" --keep-alias", "robert@example.org", true));
}

TEST_CASE("the rename of a mailbox that is named otherwise, cut at any write, is finished by the same command") {
    cut_everywhere(mailbox_rename(" of uid=bob", "robert@example.org", false, true), {victim::client});
    cut_everywhere(mailbox_rename(" of uid=bob to another domain, --keep-alias", "robert@example.net", true, true), {victim::client});
}

TEST_CASE("a quota that is raised within limits, cut at any write, sets nothing aside for ever") {
    cut_everywhere({.name = "mailbox set --quota",
                    .prepare =
                        [](scene& s) {
                            s.domain("example.org", [](domain& d) { d.max_quota_mib = 3; });
                            s.mailbox("bob@example.org", {}, [](ldap::entry& e) { e.set("quota", "1048576S"); });
                        },
                    .act = [](directory& d) {
                        plan_and_run(d, [&](draft& p) {
                            auto bob = d.get_mailbox(at("bob@example.org"));
                            bob->quota = quota::parse("2M");
                            p.update(bob, "changed");
                        });
                    }});
}

TEST_CASE("a mailbox's rename into a domain with limits, cut at any write, sets nothing aside for ever") {
    auto o = mailbox_rename(" into a domain with limits", "robert@example.com", true);
    o.prepare = [](scene& s) {
        bob_and_who_writes_to_him(s);
        s.domain("example.com", [](domain& d) { d.max_mailboxes = 1; });
    };
    cut_everywhere(o, {victim::client});
}

namespace {

// ---- a domain gets another name

void domain_of(scene& s, int count) {
    s.domain("example.org", [](domain& d) { d.description = "old"; });
    s.domain("example.net");
    for (int i = 1; i <= count; ++i) {
        const std::string name = "u" + std::to_string(i) + "@example.org", next = "u" + std::to_string(i % count + 1) + "@example.org";
        if (i % 4 == 1) s.mailbox(name, {name, next});
        else if (i % 4 == 2) s.mailbox(name, {"U" + std::to_string(i) + "@Example.ORG", "there@elsewhere.example"});
        else s.mailbox(name, {}, i % 4 == 3 ? std::function<void(ldap::entry&)>(name_by_uid) : nullptr);
        s.alias("a" + std::to_string(i) + "@example.org", {name, "u1+lists@example.org"});
    }
    s.alias("@example.org", {"u1@example.org"});
    s.mailbox("far@example.net", {"far@example.net", "u1@EXAMPLE.org"}, [](ldap::entry& e) { e.set("vacationForward", "u2@example.org"); });
    s.alias("away@example.net", {"a1@example.org"});
    ldap::entry role(scene::site().layout.domain(named("example.org")).child("cn", "helpdesk"));
    role.set("objectClass", std::vector<std::string>{"top", "organizationalRole"});
    role.set("cn", "helpdesk");
    s.entry(role);
}

operation domain_rename(int count) {
    return {.name = "domain rename with " + std::to_string(count) + " mailboxes",
            .prepare = [count](scene& s) { domain_of(s, count); },
            .act = [](directory& d) { plan_and_run(d, [](draft& p) { p.rename(named("example.org"), named("example.com")); }); },
            .renamed = [](const std::string& a) { return a.ends_with("@example.org") ? a.substr(0, a.find('@')) + "@example.com" : a; },
            .serves_new_name = true};
}

} // namespace

TEST_CASE("a domain's rename, cut at any write, is finished by the same command") { cut_everywhere(domain_rename(12), {victim::client}); }

TEST_CASE("a domain's rename, when the server dies at any write, is finished by the same command") {
    cut_everywhere(domain_rename(3), {victim::server});
}

TEST_CASE("a domain that is being made, cut at any write, is completed by the same command") {
    cut_everywhere({.name = "domain add",
                    .prepare = [](scene& s) { s.domain("example.net"); },
                    .act = [](directory& d) {
                        if (const auto there = d.find_domain(named("example.org")); there && d.find_alias(at("postmaster@example.org"))) return; // "ensure"
                        plan_and_run(d, [](draft& p) {
                            domain wanted(named("example.org"));
                            wanted.max_mailboxes = 5;
                            p.add(wanted, std::nullopt);
                        });
                    }});
}

TEST_CASE("role addresses that are led elsewhere, cut at any write, are led there by the same command") {
    cut_everywhere({.name = "domain set --postmaster",
                    .prepare =
                        [](scene& s) {
                            s.domain("example.org");
                            s.mailbox("bob@example.org");
                        },
                    .act = [](directory& d) { plan_and_run(d, [&](draft& p) { p.set(d.get_domain(named("example.org")), maildrop::parse("bob@example.org")); }); },
                    .keeps_all = false},
                   {victim::client});
}

namespace {

// ---- a domain goes out of service and comes back

void domain_with_all_states(scene& s) {
    s.domain("example.org");
    s.domain("example.net");
    for (const std::string user : {"a", "b", "c"}) s.mailbox(user + "@example.org");
    s.mailbox("off@example.org", {}, [](ldap::entry& e) { e.set("accountActive", "FALSE"); });
    s.mailbox("gone@example.org", {}, [](ldap::entry& e) { e.set("delete", "TRUE"); });
    s.alias("info@example.org", {"a@example.org", "b@example.org"});
    s.mailbox("far@example.net");
}

void change_domain(directory& d, void (draft::*change)(const stored<domain>&)) {
    plan_and_run(d, [&](draft& p) { (p.*change)(d.get_domain(named("example.org"))); });
}

void disable_domain(directory& d) {
    plan_and_run(d, [&](draft& p) { p.disable(d.get_domain(named("example.org")), reason::manual, "moved"); });
}

/// As if it had been done before, by a run that was not cut.
void after(scene& s, const std::function<void(directory&)>& change) {
    domain_with_all_states(s);
    s.flush();
    stage::act({.name = "", .prepare = {}, .act = change}, test_directory::shared().as_owner());
}

} // namespace

TEST_CASE("a domain's disabling, cut at any write, is finished by the same command") {
    cut_everywhere({.name = "domain disable", .prepare = domain_with_all_states, .act = disable_domain, .keeps_all = false});
}

TEST_CASE("a domain's enabling, cut at any write, is finished by the same command") {
    cut_everywhere({.name = "domain enable",
                    .prepare = [](scene& s) { after(s, disable_domain); },
                    .act = [](directory& d) { change_domain(d, &draft::enable); }});
}

TEST_CASE("a domain's removal, cut at any write, is finished by the same command") {
    cut_everywhere({.name = "domain remove",
                    .prepare = domain_with_all_states,
                    .act = [](directory& d) { change_domain(d, &draft::mark_removed); },
                    .keeps_all = false});
}

TEST_CASE("a domain's restoring, cut at any write, is finished by the same command") {
    cut_everywhere({.name = "domain restore",
                    .prepare = [](scene& s) { after(s, [](directory& d) { change_domain(d, &draft::mark_removed); }); },
                    .act = [](directory& d) { change_domain(d, &draft::restore); }});
}

TEST_CASE("a domain's removal for good, cut at any write, is finished by the same command") {
    cut_everywhere({.name = "domain remove --now",
                    .prepare = [](scene& s) {
                        s.domain("example.org");
                        s.domain("example.net");
                    },
                    .act = [](directory& d) { change_domain(d, &draft::remove); },
                    .keeps_all = false});
}

TEST_CASE("a mailbox's removal for good with what leads to it, cut at any write, is finished by the same command") {
    cut_everywhere({.name = "mailbox remove --now --references",
                    .prepare = [](scene& s) {
                        s.domain("example.org");
                        s.domain("example.net");
                        s.mailbox("bob@example.org");
                        s.mailbox("carol@example.org", {"carol@example.org", "BOB@Example.ORG"});
                        s.mailbox("dave@example.org", {"bob@example.org"});
                        s.mailbox("eve@example.net", {}, [](ldap::entry& e) { e.set("vacationForward", "bob@example.org"); });
                        s.alias("info@example.org", {"bob@example.org", "carol@example.org"});
                        s.alias("robert@example.net", {"bob@example.org"});
                        s.alias("lists@example.net", {"bob+lists@example.org"});
                        s.alias("only@example.net", {"robert@example.net"});
                    },
                    .act = [](directory& d) { plan_and_run(d, [&](draft& p) { p.remove(d.get_mailbox(at("bob@example.org")), true); }); },
                    .keeps_all = false});
}

namespace {

// ---- a mailing list

mailing_list list_of(const std::string& text) {
    mailing_list l(at(text));
    l.lists_domain = named("lists.elsewhere.example");
    l.owners = {maildrop::parse("bob@example.org")};
    return l;
}

void nothing_but_domains(scene& s) {
    s.domain("example.org");
    s.domain("example.net");
    s.mailbox("bob@example.org");
}

void a_list_that_nobody_leads_to(scene& s) {
    s.flush();
    ldap::session own(test_directory::shared().as_owner());
    directory d(own, {.site = scene::site()});
    plan_and_run(d, [](draft& p) { p.add(list_of("staff@example.org")); });
}

void a_list(scene& s) {
    nothing_but_domains(s);
    s.mailbox("carol@example.net", {"carol@example.net", "staff-request@example.org"});
    s.alias("all@example.net", {"Staff@example.org"});
    a_list_that_nobody_leads_to(s);
}

operation list_operation(const std::string& name, const std::function<void(draft&)>& plan) {
    return {.name = "mailinglist " + name, .prepare = a_list, .act = [plan](directory& d) { plan_and_run(d, plan); }, .keeps_all = false};
}

} // namespace

TEST_CASE("a mailing list that is being made, cut at any write, is completed by the same command") {
    cut_everywhere({.name = "mailinglist add",
                    .prepare = nothing_but_domains,
                    .act = [](directory& d) {
                        const auto there = d.find<mailing_list>(at("staff@example.org"));
                        if (there && there->value.missing.empty()) return; // "ensure"
                        plan_and_run(d, [](draft& p) { p.add(list_of("staff@example.org")); });
                    }});
}

TEST_CASE("a mailing list's removal, cut at any write, is finished by the same command") {
    cut_everywhere(list_operation("remove", [](draft& p) { p.remove(p.get<mailing_list>(at("staff@example.org")), true); }));
}

TEST_CASE("a mailing list's rename, cut at any write, is finished by the same command") {
    for (const bool keep : {false, true})
        cut_everywhere(list_operation("rename", [keep](draft& p) { p.rename_list(at("staff@example.org"), at("team@example.net"), {.keep_alias = keep}); }), {victim::client});
}

TEST_CASE("a mailing list's move to another list server, cut at any write, is finished by the same command") {
    cut_everywhere(list_operation("set --lists-domain",
                                  [](draft& p) {
                                      auto l = p.get<mailing_list>(at("staff@example.org"));
                                      l->lists_domain = named("new.elsewhere.example");
                                      p.set(l);
                                  }),
                   {victim::client});
}

TEST_CASE("a mailing list's disabling, cut at any write, is finished by the same command") {
    auto disable = list_operation("disable", [](draft& p) { p.disable(p.get<mailing_list>(at("staff@example.org")), reason::manual, ""); });
    disable.prepare = [](scene& s) { // what leads to a list that is out of service leads nowhere
        nothing_but_domains(s);
        a_list_that_nobody_leads_to(s);
    };
    cut_everywhere(disable, {victim::client});
}

namespace {

// ---- jobs

std::string dn_of(const std::string& text) { return scene::site().layout.mailbox(at(text)).text(); }

std::string record_of(const std::string& text, const std::string& more) {
    const std::string user = text.substr(0, text.find('@'));
    return "dn: " + dn_of(text) + "\nobjectClass: top\nobjectClass: inetOrgPerson\nobjectClass: VirtualMailAccount\nmail: " + text + "\ncn: " + user + "\nsn: " +
           user + "\nvdHome: /home/vmail/domains\nmailbox: example.org/" + user + "/\naccountActive: TRUE\nlastChange: 1700000000\ndelete: FALSE\n" + more + '\n';
}

struct file_of {
    scratch_directory folder{};
    std::filesystem::path path = folder.path() / "file.ldif";
    explicit file_of(const std::string& text) { std::ofstream(path) << text; }
};

operation import_of(const std::string& name, const file_of& file, bool update) {
    return {.name = "import of " + name,
            .prepare = [](scene& s) {
                s.domain("example.org");
                s.domain("example.net");
                for (const std::string user : {"x1", "x2", "x3", "x4", "old1", "old2"}) s.mailbox(user + "@example.org");
            },
            .act = [path = file.path, update](directory& d) {
                import_ldif(d, path, {.update = update, .run = {.max_changes = unlimited_changes}}, {}).success();
            },
            .keeps_all = false};
}

} // namespace

TEST_CASE("an import of new entries, cut at any write, is finished by the same command") {
    std::string text = "dn: vd=example.com,o=hosting,dc=example,dc=org\nobjectClass: top\nobjectClass: VirtualDomain\nvd: example.com\naccountActive: TRUE\n"
                       "lastChange: 1700000000\ndelete: FALSE\n\n";
    for (int i = 1; i <= 12; ++i) text += record_of("new" + std::to_string(i) + (i % 3 == 0 ? "@example.com" : "@example.org"), "");
    const file_of file(text);
    cut_everywhere(import_of("new entries", file, false));
}

TEST_CASE("an import that updates, cut at any write, is finished by the same command") {
    std::string text;
    for (int i = 1; i <= 4; ++i) text += record_of("x" + std::to_string(i) + "@example.org", "quota: 1000S\n");
    text += record_of("fresh@example.org", "");
    const file_of file(text);
    cut_everywhere(import_of("updates", file, true));
}

TEST_CASE("an import of change records, cut at any write, is finished by the same command") {
    std::string text;
    for (int i = 1; i <= 4; ++i) text += "dn: " + dn_of("x" + std::to_string(i) + "@example.org") + "\nchangetype: modify\nreplace: quota\nquota: 500S\n-\n\n";
    text += "dn: " + dn_of("x1@example.org") + "\nchangetype: modify\nadd: description\ndescription: first\n-\n\n";
    text += "dn: " + dn_of("old1@example.org") + "\nchangetype: delete\n\n";
    text += "dn: " + dn_of("old2@example.org") + "\nchangetype: delete\n\n";
    const file_of file(text);
    cut_everywhere(import_of("changes", file, false));
}

TEST_CASE("an expiry run, cut at any write, is finished by the next one") {
    const auto ended = [](ldap::entry& e) { e.set("expireDate", "20200101000000"); };
    cut_everywhere({.name = "expiry run",
                    .prepare = [ended](scene& s) {
                        s.domain("example.org");
                        for (int i = 1; i <= 8; ++i) s.mailbox("e" + std::to_string(i) + "@example.org", {}, ended);
                        s.mailbox("stays@example.org", {}, [](ldap::entry& e) { e.set("expireDate", "20991231000000"); });
                    },
                    .act = [](directory& d) { run(d, plan_expiry(d, {}).plan, {.job = "expiry", .max_changes = unlimited_changes}).success(); },
                    .keeps_all = false});
}
