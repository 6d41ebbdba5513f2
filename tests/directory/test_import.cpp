#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <sys/resource.h>
#include <sys/stat.h>

#include <doctest/doctest.h>

#include <vmail/error.hpp>
#include <vmail/jobs/import.hpp>
#include <vmail/jobs/journal.hpp>
#include <vmail/jobs/journal_reader.hpp>
#include <vmail/ldap/ldif.hpp>
#include <vmail/ldap/session.hpp>

#include <sandbox/sandbox.hpp>

#include "entries.hpp"
#include "faulty_proxy.hpp"
#include "support/scratch_directory.hpp"
#include "support/test_directory.hpp"

using namespace vmail;
using entries::kind_of_failure;
using fault = faulty_proxy::fault;

namespace {

std::string ldif_of(const ldap::entry& e) {
    std::ostringstream out;
    ldap::ldif_writer(out).write(e);
    return out.str();
}

/// What became of one record.
struct import_item {
    vmail::fate fate{};
    std::string action{}, sentence{};
    std::optional<error_kind> kind{};
    std::size_t line = 0;
};

struct fixture {
    test_directory& server = test_directory::shared();
    ldap::session s{server.as_owner()};
    vmail::layout where = entries::layout_of(server.base());
    domain_name name = unique_domain();
    scratch_directory scratch;
    std::vector<import_item> items;
    std::vector<std::string> notices;

    ldap::entry domain() const { return entries::domain(where, name); }
    ldap::entry mailbox(const std::string& user) const { return entries::mailbox(where, user, name); }
    std::string domain_and(int mailboxes) const {
        std::string text = ldif_of(domain());
        for (int i = 0; i < mailboxes; ++i) text += ldif_of(mailbox("user" + std::to_string(i)));
        return text;
    }
    std::string dn_line(const std::string& user) const { return "dn: " + mailbox(user).dn().text() + '\n'; }

    std::filesystem::path file(const std::string& text) const {
        const auto path = scratch.path() / "input.ldif";
        std::ofstream(path) << text;
        return path;
    }

    import_summary run(const std::string& text, const import_options& options = {}) { return run(s, text, options); }
    import_summary run(ldap::session& through, const std::string& text, const import_options& options = {}) {
        return run_file(through, file(text), options);
    }
    import_summary run_file(ldap::session& through, const std::filesystem::path& input, import_options options = {}) {
        items.clear();
        notices.clear();
        options.notice = [this](const plan_notice& n) { notices.push_back(n.sentence); };
        directory d(through, {.site = {.layout = where}});
        return import_ldif(d, input, options, [this](const change_outcome& o) {
            items.push_back({o.fate, o.change.action, o.sentence, o.fault ? std::optional(o.fault->kind()) : std::nullopt, o.change.line});
        });
    }
    vmail::fate fate(std::size_t i = 0) const { return items.at(i).fate; }
    std::string value(const std::string& user, const char* attribute) { return s.get(mailbox(user).dn()).first(attribute).value_or("(none)"); }
};

/// How many were "added", "changed", ...
std::size_t count(const import_summary& sum, const std::string& action) {
    const auto it = sum.actions.find(action);
    return it == sum.actions.end() ? 0 : it->second;
}
std::size_t added(const import_summary& sum) { return count(sum, "added"); }
std::size_t changed(const import_summary& sum) { return count(sum, "changed"); }

ldap::session through(const faulty_proxy& proxy, const test_directory& server) {
    auto o = server.as_owner();
    o.uris = {proxy.uri()};
    return ldap::session(std::move(o));
}

} // namespace

TEST_CASE("a file is imported once, and a second run changes nothing") {
    fixture t;
    const auto first = t.run(t.domain_and(100));
    CHECK(first.records == 101);
    CHECK(added(first) == 101);
    CHECK(first.all_good());
    CHECK(first.anything_changed());
    CHECK(t.items.size() == 101);

    const auto second = t.run(t.domain_and(100));
    CHECK(second.unchanged == 101);
    CHECK(second.all_good());
    CHECK_FALSE(second.anything_changed());
    CHECK(t.items.size() == 101);
}

TEST_CASE("a second run soon looks before it sends, and goes on where the first one ended") {
    fixture t;
    REQUIRE(added(t.run(t.domain_and(500))) == 501);
    std::size_t sent = 0;
    import_options options;
    options.run.on_write = [&](const ldap::write_request&) { ++sent; };
    SUBCASE("nothing is new") {
        CHECK(t.run(t.domain_and(500), options).unchanged == 501);
        CHECK(sent < 100);
    }
    SUBCASE("something is, in the middle and at the end") {
        const auto gone = t.mailbox("user300").dn();
        t.s.remove({gone}).success("remove", gone);
        const auto sum = t.run(t.domain_and(1500), options);
        CHECK(sum.unchanged == 500);
        CHECK(added(sum) == 1001);
        CHECK(sent < 1100);
    }
}

TEST_CASE("what is there with other values is left alone, or made equal when that is asked for") {
    fixture t;
    REQUIRE(added(t.run(t.domain_and(0) + ldif_of(t.mailbox("rossi")))) == 2);
    auto wanted = t.mailbox("rossi");
    wanted.set("cn", "Mario Rossi");
    wanted.add_class("VirtualForward");
    wanted.set("forwardActive", "FALSE");
    wanted.set("lastChange", "1800000000");

    CHECK(t.run(ldif_of(wanted)).failed == 1);
    CHECK(t.items.at(0).sentence.find("objectClass, cn, forwardActive and lastChange") != std::string::npos);
    CHECK(t.items.at(0).kind == error_kind::already_exists);
    CHECK(t.items.at(0).line == 1);
    CHECK(t.value("rossi", "cn") == "rossi");

    import_options update{.update = true};
    CHECK(changed(t.run(ldif_of(wanted), update)) == 1);
    CHECK(t.value("rossi", "cn") == "Mario Rossi");
    CHECK(t.value("rossi", "forwardActive") == "FALSE");
    CHECK(t.run(ldif_of(wanted), update).unchanged == 1);
}

TEST_CASE("what somebody changes while an import makes it equal is a conflict") {
    fixture t;
    REQUIRE(added(t.run(t.domain_and(0) + ldif_of(t.mailbox("rossi")))) == 2);
    auto wanted = t.mailbox("rossi");
    wanted.set("cn", "ours");
    ldap::session theirs(test_directory::shared().as_owner());
    import_options update{.update = true};
    update.run.on_write = [&](const ldap::write_request&) {
        theirs.modify({wanted.dn(), {{ldap::change::replace, "cn", {"theirs"}}}}).success("change", wanted.dn());
    };
    CHECK(t.run(ldif_of(wanted), update).conflict == 1);
    CHECK(t.value("rossi", "cn") == "theirs");
}

TEST_CASE("what does not make an entry differ") {
    fixture t;
    REQUIRE(added(t.run(t.domain_and(0) + ldif_of(t.mailbox("rossi")))) == 2);
    auto wanted = t.mailbox("rossi");
    SUBCASE("the time of the last change") { wanted.set("lastChange", "1800000000"); }
    SUBCASE("classes in another order and case") { wanted.set("objectClass", std::vector<std::string>{"virtualMailAccount", "TOP"}); }
    SUBCASE("an attribute by another of its names") {
        wanted.erase("sn");
        wanted.set("surname", "rossi");
    }
    SUBCASE("what the record does not say") {
        t.s.modify({wanted.dn(), {{ldap::change::replace, "description", {"of somebody else"}}}}).success("change", wanted.dn());
    }
    CHECK(t.run(ldif_of(wanted)).unchanged == 1);
}

TEST_CASE("a broken line anywhere changes nothing") {
    fixture t;
    const std::string broken = t.domain_and(3) + "dn: mail=x\nthis is no line of LDIF\n";
    std::string sentence;
    try {
        t.run(broken);
    } catch (const invalid_value& e) {
        sentence = e.what();
    }
    CHECK(sentence.find("input.ldif:") != std::string::npos);
    CHECK_FALSE(t.s.find(t.where.domain(t.name)));
}

TEST_CASE("a file that cannot be read is missing input") {
    fixture t;
    CHECK(kind_of_failure([&] { t.run_file(t.s, t.scratch.path() / "nowhere.ldif"); }) == error_kind::input_missing);
    CHECK(kind_of_failure([&] { t.run_file(t.s, t.scratch.path()); }) == error_kind::input_missing);
}

TEST_CASE("what can be read only once is read twice all the same") {
    fixture t;
    const auto pipe = t.scratch.path() / "pipe";
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    std::thread writer([&] { std::ofstream(pipe) << t.domain_and(50); });
    const auto sum = t.run_file(t.s, pipe);
    writer.join();
    CHECK(added(sum) == 51);
}

TEST_CASE("an entry below one that could not be made is skipped") {
    fixture t;
    auto domain = t.domain();
    domain.erase("accountActive"); // which its class demands
    const auto sum = t.run(ldif_of(domain) + ldif_of(t.mailbox("rossi")) + ldif_of(t.mailbox("bianchi")));
    CHECK(sum.failed == 1);
    CHECK(sum.skipped == 2);
    CHECK(t.items.at(0).kind == error_kind::invalid_value);
    CHECK(t.items.at(1).fate == vmail::fate::skipped);
}

TEST_CASE("a record that fails keeps nothing back but what is below it") {
    fixture t;
    auto bad = t.mailbox("bad");
    bad.set("userPassword", "geheim");
    ldap::entry below(t.mailbox("rossi").dn().child("cn", "role"));
    below.set("objectClass", "organizationalRole");
    below.set("cn", "role");
    const std::string text = ldif_of(t.domain()) + ldif_of(bad) + ldif_of(t.mailbox("rossi")) + ldif_of(below);

    const auto first = t.run(text);
    CHECK(added(first) == 3);
    CHECK(first.failed == 1);
    CHECK(first.skipped == 0);

    // Also where some of what is above is there already.
    CHECK(t.s.remove({below.dn()}).result.ok());
    const auto second = t.run(text);
    CHECK(added(second) == 1);
    CHECK(second.unchanged == 2);
    CHECK(second.skipped == 0);
}

TEST_CASE("what cannot be read of one record keeps none of the others back") {
    fixture t;
    const auto named = [](const ldap::dn& above, const char* attribute, const char* value, const ldap::entry& like) {
        ldap::entry e(above.child(attribute, value));
        for (const auto& a : like.attributes()) e.set(a.name, a.values);
        e.set(attribute, value);
        return e;
    };
    const auto in_domain = t.domain().dn();
    const auto no_ascii = named(in_domain, "mail", "\xc3\xbcmlaut@example.org", t.mailbox("u")); // mail has IA5 syntax: no name for the server
    const auto no_domain = named(in_domain.parent(), "vd", "*", t.domain());
    const auto no_address = named(in_domain, "mail", "nobody", t.mailbox("n"));
    const auto sum = t.run(ldif_of(t.domain()) + ldif_of(no_ascii) + ldif_of(no_domain) + ldif_of(no_address) + ldif_of(t.mailbox("rossi")));
    CHECK(added(sum) == 2);
    CHECK(sum.failed == 3);
    CHECK(t.s.find(t.mailbox("rossi").dn()));
    CHECK_FALSE(t.s.find(no_domain.dn()));
    for (const auto& i : t.items)
        if (i.fate == vmail::fate::failed) CHECK(i.kind == error_kind::invalid_value);
}

TEST_CASE("an attribute under another name is told to be given by its own") {
    fixture t;
    t.run(ldif_of(t.domain()) + ldif_of(t.mailbox("rossi")));
    const std::string dn = t.mailbox("rossi").dn().text();
    for (const std::string change : {"replace: 2.5.4.35\n2.5.4.35: hunter2\n", "add: rfc822Mailbox\nrfc822Mailbox: x@example.org\n", "add: UserID\nUserID: root\n"}) {
        CAPTURE(change);
        CHECK(t.run("dn: " + dn + "\nchangetype: modify\n" + change + "-\n").failed == 1);
    }
    auto bad = t.mailbox("bad");
    bad.erase("userPassword");
    bad.set("2.5.4.35", "hunter2");
    CHECK(t.run(ldif_of(bad)).failed == 1);
    CHECK_FALSE(t.s.find(bad.dn()));
}

TEST_CASE("an alias that leads to itself is noticed") {
    fixture t;
    ldap::entry e(t.domain().dn().child("mail", "self@" + t.name.text()));
    e.set("objectClass", "VirtualMailAlias");
    e.set("mail", "self@" + t.name.text());
    e.set("maildrop", "Self@" + t.name.text());
    e.set("accountActive", "TRUE");
    e.set("lastChange", "0");
    t.run(ldif_of(t.domain()) + ldif_of(e));
    CHECK(t.notices.size() == 1);
}

TEST_CASE("a password in clear text is never sent") {
    fixture t;
    REQUIRE(added(t.run(t.domain_and(0) + ldif_of(t.mailbox("verdi")))) == 2);
    auto rossi = t.mailbox("rossi");
    std::string record;
    SUBCASE("clearPassword of a new entry") {
        rossi.set("clearPassword", "geheim");
        record = ldif_of(rossi);
    }
    for (const std::string clear : {"geheim", "{CLEARTEXT}geheim", "{PLAIN}geheim", "{mein geheim}1", "{CRYPT}geheim", "{SSHA}geheim"}) {
        SUBCASE((clear + " as userPassword of a new entry").c_str()) {
            rossi.set("userPassword", clear);
            record = ldif_of(rossi);
        }
        SUBCASE((clear + " in a change").c_str()) { record = t.dn_line("verdi") + "changetype: modify\nreplace: userPassword\nuserPassword: " + clear + "\n-\n"; }
    }
    SUBCASE("a hash beside it") {
        rossi.set("userPassword", std::vector<std::string>{"{SSHA}AAECAwQFBgcICQoLDA0ODxAREhMUFRYX", "{PLAIN}geheim"});
        record = ldif_of(rossi);
    }
    const auto sum = t.run(record);
    CHECK(sum.failed == 1);
    CHECK(t.items.at(0).sentence.find("geheim") == std::string::npos);
    CHECK_FALSE(t.s.find(rossi.dn()));
    CHECK(t.value("verdi", "userPassword") == "(none)");
}

TEST_CASE("change records are carried out, and a goal that holds already is unchanged") {
    fixture t;
    REQUIRE(added(t.run(t.domain_and(0) + ldif_of(t.mailbox("rossi")) + ldif_of(t.mailbox("verdi")))) == 3);
    std::string record;
    std::string action = "changed";
    SUBCASE("replace") { record = t.dn_line("rossi") + "changetype: modify\nreplace: cn\ncn: Mario\n-\nadd: description\ndescription: one\ndescription: two\n-\n"; }
    SUBCASE("remove and add of one attribute") { record = t.dn_line("rossi") + "changetype: modify\ndelete: cn\ncn: rossi\n-\nadd: cn\ncn: Mario\n-\n"; }
    SUBCASE("the attribute named delete") { record = t.dn_line("rossi") + "changetype: modify\nreplace: delete\ndelete: TRUE\n-\n"; }
    SUBCASE("removal") {
        record = t.dn_line("verdi") + "changetype: delete\n";
        action = "removed";
    }
    SUBCASE("rename") {
        record = t.dn_line("verdi") + "changetype: modrdn\nnewrdn: mail=bianchi@" + t.name.text() + "\ndeleteoldrdn: 1\n";
        action = "renamed";
    }

    t.run(record);
    CHECK(t.fate() == vmail::fate::done);
    CHECK(t.items.at(0).action == action);
    t.run(record);
    CHECK(t.fate() == vmail::fate::unchanged);
}

TEST_CASE("a change of what is not there fails, and is told") {
    fixture t;
    REQUIRE(added(t.run(t.domain_and(0))) == 1);
    t.run(t.dn_line("nobody") + "changetype: modify\nreplace: cn\ncn: x\n-\n");
    CHECK(t.fate() == vmail::fate::failed);
    CHECK(t.items.at(0).kind == error_kind::not_found);
}

TEST_CASE("records of one file see each other in their order") {
    fixture t;
    auto second = t.mailbox("rossi");
    second.set("mailbox", t.name.text() + "/rossi-2/"); // the first one's folder went along with its new name
    const auto sum = t.run(t.domain_and(0) + ldif_of(t.mailbox("rossi")) + t.dn_line("rossi") + "changetype: modify\nreplace: cn\ncn: Mario\n-\n\n" +
                           t.dn_line("rossi") + "changetype: modify\nreplace: cn\ncn: Maria\n-\n\n" + t.dn_line("rossi") + "changetype: modrdn\nnewrdn: mail=neri@" +
                           t.name.text() + "\ndeleteoldrdn: 1\n\n" + t.dn_line("neri") + "changetype: modify\nreplace: sn\nsn: Neri\n-\n\n" + ldif_of(second) +
                           t.dn_line("rossi") + "changetype: delete\n\n" + ldif_of(t.mailbox("verdi")));
    CHECK(sum.all_good());
    CHECK(added(sum) == 4);
    CHECK(changed(sum) == 3);
    CHECK(count(sum, "renamed") == 1);
    CHECK(count(sum, "removed") == 1);
    CHECK(t.value("neri", "cn") == "Maria");
    CHECK(t.value("neri", "sn") == "Neri");
    CHECK(t.value("verdi", "cn") == "verdi");
    CHECK_FALSE(t.s.find(t.mailbox("rossi").dn()));
}

TEST_CASE("a dry run says what would be, and sends nothing") {
    fixture t;
    int shown = 0;
    import_options options{.run = {.dry_run = true}};
    options.run.on_write = [&](const ldap::write_request&) { ++shown; };
    const std::string text = t.domain_and(5) + t.dn_line("user0") + "changetype: modify\nreplace: cn\ncn: x\n-\n";
    const auto sum = t.run(text, options);
    CHECK(added(sum) == 6);
    CHECK(changed(sum) == 1);
    CHECK(shown == 7);
    CHECK_FALSE(t.s.find(t.where.domain(t.name)));

    CHECK(t.run(ldif_of(t.mailbox("rossi")), options).failed == 1); // its domain is neither there nor in the file
}

TEST_CASE("a dry run sees an entry that a file holds twice as the real one does") {
    fixture t;
    auto other = t.mailbox("rossi");
    other.set("sn", "Verdi");
    const auto twice = ldif_of(t.domain()) + ldif_of(t.mailbox("rossi")) + ldif_of(t.mailbox("rossi")) + ldif_of(other);
    for (const bool dry : {true, false}) {
        const auto sum = t.run(twice, {.run = {.dry_run = dry}});
        CHECK(added(sum) == 2);
        CHECK(sum.unchanged == 1);
        CHECK(sum.failed == 1);
        CHECK(t.items.back().kind == error_kind::already_exists);
    }
}

TEST_CASE("a run that is stopped ends cleanly, and the next one goes on from there") {
    fixture t;
    import_options options;
    options.run.stop = [&] { return t.items.size() >= 100; };
    const auto first = t.run(t.domain_and(300), options);
    REQUIRE(first.stopped);
    CHECK(first.stopped->kind() == error_kind::interrupted);
    CHECK(added(first) >= 100);
    CHECK(added(first) <= 164); // what is looked at together, and a window more
    CHECK(added(first) + first.skipped == 301);

    const auto second = t.run(t.domain_and(300));
    CHECK(second.unchanged == added(first));
    CHECK(added(second) == first.skipped);
    CHECK(second.all_good());
}

TEST_CASE("answers that are lost are found out about") {
    fixture t;
    faulty_proxy proxy(std::string(t.server.dir() / "ldapi"));
    auto s = through(proxy, t.server);
    proxy.at_write(50, fault::lose_answer, 4);
    const auto sum = t.run(s, t.domain_and(250));
    CHECK(added(sum) == 251);
    CHECK(sum.all_good());
}

TEST_CASE("a server that is busy stops the run, and nothing is told to be done that is not") {
    fixture t;
    faulty_proxy proxy(std::string(t.server.dir() / "ldapi"));
    auto s = through(proxy, t.server);
    REQUIRE(added(t.run(t.domain_and(0))) == 1);
    proxy.at_write(1, fault::refuse_busy, 1000);
    std::string mailboxes;
    for (int i = 0; i < 200; ++i) mailboxes += ldif_of(t.mailbox("user" + std::to_string(i)));
    const auto sum = t.run(s, mailboxes);
    CHECK(sum.stopped);
    REQUIRE(sum.stopped);
    CHECK(sum.stopped->kind() == error_kind::unavailable);
    CHECK(added(sum) == 0);
    CHECK(sum.failed + sum.skipped == 200);
    CHECK(sum.skipped > 150);
}

TEST_CASE("a server that is killed in the middle: what was told to be added is there, and a second run ends the job") {
    test_directory server;
    fixture t;
    const vmail::tools::sandbox control(server.dir());
    ldap::session s(server.as_owner());
    std::size_t acknowledged = 0;
    bool killed = false;
    import_options options;
    options.run.stop = [&] {
        if (t.items.size() >= 100 && !std::exchange(killed, true)) kill(control.status().pid, SIGKILL);
        return false;
    };
    const auto first = t.run(s, t.domain_and(400), options);
    CHECK(first.stopped);
    acknowledged = added(first);
    CHECK(added(first) + first.in_doubt + first.failed + first.skipped + first.unfinished == 401);

    vmail::tools::sandbox again(server.dir(), vmail::tools::server_lifetime::of_starting_thread);
    REQUIRE(again.start());
    const auto second = t.run(s, t.domain_and(400));
    CHECK(second.all_good());
    CHECK(added(second) + second.unchanged == 401);
    CHECK(second.unchanged >= acknowledged);
}

TEST_CASE("the journal holds each request before it is sent, its outcome, and what was there before") {
    fixture t;
    const auto folder = t.scratch.path() / "a/journal";
    REQUIRE(added(t.run(t.domain_and(0))) == 1);
    const import_options options{.update = true, .run = {.journal_folder = folder}};
    auto rossi = t.mailbox("rossi");
    rossi.set("userPassword", "{SSHA}AAECAwQFBgcICQoLDA0ODxAREhMUFRYX");
    REQUIRE(added(t.run(ldif_of(rossi), options)) == 1);
    rossi.set("cn", "Mario");
    const auto sum = t.run(ldif_of(rossi), options);
    REQUIRE(changed(sum) == 1);

    journal_reader reader(sum.journal);
    CHECK(reader.heading().job == "import");
    const auto record = reader.next();
    REQUIRE(record);
    CHECK(std::get<ldap::modify_request>(record->request).dn == rossi.dn());
    CHECK(record->result == "done");
    CHECK(record->before.value().first("cn") == "rossi");
    CHECK_FALSE(reader.next());
    CHECK(list_journals(folder).size() == 2);
    struct stat seen{};
    REQUIRE(stat(sum.journal.c_str(), &seen) == 0);
    CHECK((seen.st_mode & 0777) == 0600);
    REQUIRE(stat(folder.c_str(), &seen) == 0);
    CHECK((seen.st_mode & 0777) == 0700);
}

TEST_CASE("a journal is no input") {
    fixture t;
    const auto sum = t.run(t.domain_and(0), {.run = {.journal_folder = t.scratch.path() / "journal"}});
    std::string sentence;
    try {
        t.run_file(t.s, sum.journal);
    } catch (const invalid_value& e) {
        sentence = e.what();
    }
    CHECK(sentence.find("is a journal") != std::string::npos);
}

TEST_CASE("changes over the cap are refused before anything is sent; additions are not counted") {
    fixture t;
    REQUIRE(added(t.run(t.domain_and(20))) == 21);
    std::string changes;
    for (int i = 0; i < 11; ++i) changes += t.dn_line("user" + std::to_string(i)) + "changetype: modify\nreplace: cn\ncn: x\n-\n\n";
    import_options options;
    options.run.max_changes = 10;
    CHECK(kind_of_failure([&] { t.run(changes, options); }) == error_kind::limit_exceeded);
    CHECK(t.value("user0", "cn") == "user0");
    options.run.max_changes = 11;
    CHECK(changed(t.run(changes, options)) == 11);
    options.run.max_changes = 0;
    CHECK(t.run(changes, options).unchanged == 11); // what would change nothing is not counted
}

TEST_CASE("a mailbox gets no folder that is another one's") {
    fixture t;
    REQUIRE(added(t.run(t.domain_and(1))) == 2);
    auto rossi = t.mailbox("rossi");
    rossi.set("mailbox", t.name.text() + "/user0");
    CHECK(t.run(ldif_of(rossi)).failed == 1);
    CHECK(t.items.at(0).sentence == "its folder is that of user0@" + t.name.text());
    CHECK_FALSE(t.s.find(rossi.dn()));
}

TEST_CASE("a login that is another one's, too, is noticed, and the mailbox is made") {
    for (const int others : {0, 1200}) { // looked up one by one, and all at once
        fixture t;
        const auto with_login = [&](const std::string& user, const std::string& uid) {
            auto e = t.mailbox(user);
            e.set("uid", uid);
            return ldif_of(e);
        };
        const std::string own = t.name.text();
        t.run(t.domain_and(others) + with_login("ann", "ann." + own) + with_login("own", "own@" + own));
        CHECK(t.notices.empty());
        t.run(t.domain_and(others) + with_login("bob", "ANN." + own) + with_login("cid", "ann@" + own) + with_login("dan", "dan-" + own) + with_login("eve", "Dan-" + own));
        CHECK(t.notices.size() == 3);
        CHECK(t.s.find(t.mailbox("bob").dn(), ldap::no_attributes()));
        t.run(with_login("bob", "ANN." + own)); // is there already
        CHECK(t.notices.empty());
    }
}

TEST_CASE("a mailbox gets no folder that lies in another one's, or around it, whether few or many names are looked up") {
    for (const int others : {1, 1200}) {
        CAPTURE(others);
        fixture t;
        const std::string all = t.domain_and(others);
        REQUIRE(added(t.run(all)) == static_cast<std::size_t>(others) + 1);
        const auto refused_as = [&](const std::string& folder) {
            auto rossi = t.mailbox("rossi");
            rossi.set("mailbox", t.name.text() + folder);
            const auto sum = t.run(ldif_of(rossi) + (others > 1 ? all : ""));
            CHECK_FALSE(t.s.find(rossi.dn()));
            return sum.failed == 1 && !t.items.empty() ? t.items.at(0).sentence : "";
        };
        CHECK(refused_as("/user0/sub/") == "its folder lies in that of user0@" + t.name.text() + ", or around it");
        CHECK(refused_as("/user0/sub/deeper") == "its folder lies in that of user0@" + t.name.text() + ", or around it");
        auto inner = t.mailbox("inner");
        inner.set("mailbox", t.name.text() + "/outer/inner/");
        REQUIRE(added(t.run(ldif_of(inner))) == 1);
        CHECK(refused_as("/outer") == "its folder lies in that of inner@" + t.name.text() + ", or around it");
        auto alike = t.mailbox("alike"); // it begins so, no more
        alike.set("mailbox", t.name.text() + "/out/");
        CHECK(added(t.run(ldif_of(alike))) == 1);
    }
}

TEST_CASE("of two folders of one file none lies in the other") {
    for (const bool is_outer_first : {true, false}) {
        CAPTURE(is_outer_first);
        fixture t;
        auto verdi = t.mailbox("verdi");
        verdi.set("mailbox", t.name.text() + "/rossi/verdi/");
        const std::string outer = ldif_of(t.mailbox("rossi")), inner = ldif_of(verdi);
        CHECK(added(t.run(ldif_of(t.domain()) + (is_outer_first ? outer + inner : inner + outer))) == 2);
        const auto failed = std::find_if(t.items.begin(), t.items.end(), [](const import_item& i) { return i.fate == vmail::fate::failed; });
        REQUIRE(failed != t.items.end());
        CHECK(failed->sentence == "its folder lies in that of another mailbox of this file, or around it");
    }
}

TEST_CASE("a folder of one file is that of the first record that has it; another tree has a store of its own") {
    fixture t;
    auto verdi = t.mailbox("verdi");
    verdi.set("mailbox", t.name.text() + "/rossi/");
    const auto sum = t.run(ldif_of(t.domain()) + ldif_of(t.mailbox("rossi")) + ldif_of(verdi));
    CHECK(added(sum) == 2);
    const auto failed = std::find_if(t.items.begin(), t.items.end(), [](const import_item& i) { return i.fate == vmail::fate::failed; });
    REQUIRE(failed != t.items.end());
    CHECK(failed->sentence == "its folder is that of another mailbox of this file");

    ldap::entry top(ldap::dn::parse("ou=" + t.name.text() + "," + t.server.base()));
    top.set("objectClass", "organizationalUnit");
    top.set("ou", t.name.text());
    auto elsewhere = t.mailbox("rossi");
    elsewhere.set_dn(top.dn().child("mail", "rossi@" + t.name.text()));
    CHECK(added(t.run(ldif_of(top) + ldif_of(elsewhere), {.run = {.dry_run = true}})) == 2); // where we may not write
}

TEST_CASE("a journal of nothing is no file, and one that cannot be made is an error") {
    scratch_directory scratch;
    auto kept = journal::create(scratch.path(), {.job = "import"});
    const auto file = kept.path();
    CHECK(std::filesystem::exists(file));
    kept.close();
    CHECK_FALSE(std::filesystem::exists(file));
    CHECK(kind_of_failure([] { journal::create("/proc/nowhere", {.job = "import"}); }) == error_kind::configuration);
}

TEST_CASE("a journal on a full disk stops the run before anything is sent") {
    fixture t;
    REQUIRE(added(t.run(t.domain_and(0))) == 1);
    rlimit before{}, none{};
    getrlimit(RLIMIT_FSIZE, &before);
    none = before;
    none.rlim_cur = 200;
    std::signal(SIGXFSZ, SIG_IGN);
    const auto input = t.file(t.domain_and(100));
    REQUIRE(setrlimit(RLIMIT_FSIZE, &none) == 0);
    const auto sum = t.run_file(t.s, input, {.run = {.journal_folder = t.scratch.path() / "journal"}});
    setrlimit(RLIMIT_FSIZE, &before);

    REQUIRE(sum.stopped);
    CHECK(sum.stopped->kind() == error_kind::unavailable);
    CHECK(added(sum) == 0);
    CHECK(t.s.search({t.where.domain(t.name), ldap::scope::one}).empty());
}

namespace {

bool is_refused(const fixture& t) {
    return std::count_if(t.items.begin(), t.items.end(), [](const import_item& i) { return i.kind == error_kind::limit_exceeded; }) == 1;
}

} // namespace

TEST_CASE("what is added counts against the limits of its domain, and the rest goes on") {
    fixture t;
    ldap::entry limited = t.domain();
    const auto with_quota = [&](const std::string& user, const std::string& bytes) {
        auto e = t.mailbox(user);
        if (!bytes.empty()) e.set("quota", bytes + 'S');
        return ldif_of(e);
    };
    SUBCASE("of mailboxes, with the domain in the file, and in a dry run") {
        limited.set("maxMail", "2");
        std::string text = ldif_of(limited);
        for (const char* user : {"ann", "bob", "cid"}) text += ldif_of(t.mailbox(user));
        CHECK(t.run(text, {.run = {.dry_run = true}}).failed == 1);
        auto sum = t.run(text);
        CHECK(added(sum) == 3);
        CHECK(sum.failed == 1);
        CHECK(is_refused(t));
        CHECK(t.s.find(t.mailbox("bob").dn(), ldap::no_attributes()));
        CHECK_FALSE(t.s.find(t.mailbox("cid").dn(), ldap::no_attributes()));
        sum = t.run(text); // given again it says the same
        CHECK(sum.unchanged == 3);
        CHECK(sum.failed == 1);
        CHECK(added(t.run(text, {.ignore_limits = true})) == 1);
        CHECK_FALSE(t.s.get(limited.dn()).has("vmailReservation"));
    }
    SUBCASE("of quota, also of what is made larger") {
        limited.set("maxQuota", "3");
        CHECK(t.run(ldif_of(limited) + with_quota("ann", "1048576") + with_quota("bob", "")).failed == 1);
        CHECK(is_refused(t)); // which has none in bytes
        CHECK(added(t.run(with_quota("cid", "1048576"))) == 1);
        CHECK(t.run(with_quota("ann", "3145728"), {.update = true}).failed == 1);
        CHECK(is_refused(t));
        CHECK(changed(t.run(with_quota("ann", "2097152"), {.update = true})) == 1);
        CHECK(changed(t.run(with_quota("ann", "1048576"), {.update = true})) == 1);
    }
    SUBCASE("which an earlier record of the file raises") {
        limited.set("maxMail", "0");
        t.run(ldif_of(limited));
        const std::string raise = "dn: " + limited.dn().text() + "\nchangetype: modify\nreplace: maxMail\nmaxMail: 1\n-\n\n";
        const auto sum = t.run(ldif_of(t.mailbox("ann")) + raise + ldif_of(t.mailbox("bob")) + ldif_of(t.mailbox("cid")));
        CHECK(added(sum) == 1);
        CHECK(sum.failed == 2);
        CHECK(t.s.find(t.mailbox("bob").dn(), ldap::no_attributes()));
    }
}
