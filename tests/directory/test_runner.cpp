#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/alias.hpp>
#include <vmail/directory.hpp>
#include <vmail/draft.hpp>
#include <vmail/error.hpp>
#include <vmail/jobs/former_folders.hpp>
#include <vmail/jobs/journal_reader.hpp>
#include <vmail/jobs/runner.hpp>
#include <vmail/ldap/ldif_writer.hpp>
#include <vmail/ldap/session.hpp>

#include <sandbox/sandbox.hpp>

#include "carried_out.hpp"
#include "entries.hpp"
#include "faulty_proxy.hpp"
#include "support/scratch_directory.hpp"
#include "support/test_directory.hpp"

using namespace vmail;
using entries::kind_of_failure;
using fault = faulty_proxy::fault;

namespace {

struct told {
    std::string subject;
    vmail::fate fate{};
    std::string sentence{};
    std::optional<error_kind> kind{};
};

/// A domain, and plans for what is in it.
struct fixture {
    explicit fixture(ldap::session_options options = test_directory::shared().as_owner()) : s(std::move(options)) {
        s.add(entries::domain(where(), name)).success("add", where().domain(name));
    }

    ldap::session s;
    directory d{s, {.site = {.layout = entries::layout_of(test_directory::shared().base())}}};
    domain_name name = unique_domain();
    scratch_directory scratch;
    std::vector<told> outcomes;

    const layout& where() const { return d.site().layout; }
    ldap::entry entry(const std::string& user) const { return entries::mailbox(where(), user, name); }
    ldap::add_request addition(const std::string& user) const { return {entry(user)}; }
    /// Which the server refuses: its class demands more.
    ldap::add_request bad_addition(const std::string& user) const {
        auto e = entry(user);
        e.erase("accountActive");
        return {e};
    }
    planned_change change(const std::string& user, std::vector<ldap::write_request> requests, std::size_t item = 0, std::size_t stage = 0) const {
        return {.subject = user, .action = "created", .requests = std::move(requests), .item = item, .stage = stage};
    }
    planned_change add(const std::string& user, std::size_t item = 0, std::size_t stage = 0) const { return change(user, {addition(user)}, item, stage); }
    /// Guarded by what is there now.
    ldap::modify_request setting(const std::string& user, const std::string& attribute, const std::string& value) {
        const auto there = s.get(entry(user).dn(), ldap::whole_entry());
        return {there.dn(), {{ldap::change::replace, attribute, {value}}}, ldap::precondition::unchanged(there)};
    }
    void make(const std::string& user) { s.write(addition(user)).success("add", entry(user).dn()); }
    /// u0, u1, ..., each a thing of its own.
    plan many(std::size_t count) const {
        plan p;
        for (std::size_t i = 0; i < count; ++i) p.changes.push_back(add("u" + std::to_string(i), i));
        return p;
    }

    run_summary run(const plan& p, run_options options = {}) {
        outcomes.clear();
        if (!options.max_changes) options.max_changes = unlimited_changes;
        return vmail::run(d, p, options, [this](const change_outcome& o) {
            outcomes.push_back({o.change.subject, o.fate, o.sentence, o.fault ? std::optional(o.fault->kind()) : std::nullopt});
        });
    }
    told of(const std::string& subject) const {
        for (const told& o : outcomes)
            if (o.subject == subject) return o;
        FAIL("nothing was told of " << subject);
        return {};
    }
    vmail::fate fate(const std::string& subject) const { return of(subject).fate; }
    bool is_there(const std::string& user) { return s.find(entry(user).dn(), ldap::no_attributes()).has_value(); }
    std::size_t mailboxes() { return s.search({where().domain(name), ldap::scope::one, ldap::filter::present("objectClass"), ldap::no_attributes()}).size(); }
};

std::string ldif_of(const std::vector<ldap::write_request>& requests) {
    std::ostringstream out;
    ldap::ldif_writer writer(out);
    for (const auto& r : requests) writer.write(r);
    return out.str();
}

std::string contents(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// What ends a run between two requests, at the n-th.
std::function<void(const ldap::write_request&)> ends_at(std::size_t n) {
    return [n, sent = std::size_t{0}](const ldap::write_request&) mutable {
        if (++sent >= n) throw error(error_kind::interrupted, "interrupted");
    };
}

} // namespace

TEST_CASE("what fails in one thing stops nothing in another") {
    fixture t;
    plan p;
    p.changes = {t.add("ann", 0), t.change("bad", {t.bad_addition("bad")}, 1), t.add("cid", 2)};
    const auto sum = t.run(p);
    CHECK(sum.done == 2);
    CHECK(sum.failed == 1);
    CHECK(sum.changes == 3);
    CHECK(sum.actions.at("created") == 2);
    CHECK_FALSE(sum.all_good());
    CHECK(sum.anything_changed());
    CHECK(t.of("bad").kind == error_kind::invalid_value);
    CHECK(t.is_there("cid"));
    CHECK_THROWS_AS(sum.success(), invalid_value);
}

TEST_CASE("a stage begins when the one before it is done, and each change is told once") {
    fixture t;
    plan p;
    for (int i = 0; i < 40; ++i) {
        t.make("u" + std::to_string(i));
        p.changes.push_back(t.change("u" + std::to_string(i), {ldap::delete_request{t.entry("u" + std::to_string(i)).dn()}}));
    }
    p.changes.push_back(t.change("domain", {ldap::delete_request{t.where().domain(t.name)}}, 0, 1)); // refused while there is anything below
    const auto sum = t.run(p);
    CHECK(sum.all_good());
    CHECK(sum.done == 41);
    CHECK(t.outcomes.size() == 41);
    CHECK_FALSE(t.s.find(t.where().domain(t.name)));
}

TEST_CASE("where something was not done, later stages of the same thing are skipped") {
    fixture t;
    plan p;
    p.changes = {t.change("bad", {t.bad_addition("bad")}, 0, 0), t.add("same_stage", 0, 0), t.add("later", 0, 1), t.add("last", 0, 2), t.add("other", 1, 0), t.add("others_later", 1, 1)};
    const auto sum = t.run(p);
    CHECK(sum.done == 3);
    CHECK(sum.failed == 1);
    CHECK(sum.skipped == 2);
    CHECK(t.fate("same_stage") == fate::done);
    CHECK(t.fate("later") == fate::skipped);
    CHECK(t.fate("last") == fate::skipped);
    CHECK(t.fate("others_later") == fate::done);
    CHECK_FALSE(t.is_there("later"));
}

TEST_CASE("parts that went well are no numbers of their own, parts that did not are") {
    fixture t;
    plan p;
    p.changes = {t.add("part"), t.change("bad part", {t.bad_addition("bad")}), t.add("whole")};
    p.changes[0].part = p.changes[1].part = true;
    const auto sum = t.run(p);
    CHECK(sum.parts == 1);
    CHECK(sum.done == 1);
    CHECK(sum.failed == 1);
    CHECK(sum.changes == 2);
    CHECK(sum.actions.at("created") == 1);
    CHECK(t.outcomes.size() == 3);
}

TEST_CASE("what is to be all or nothing withdraws what it added when it is refused") {
    fixture t;
    plan p;
    p.changes = {t.change("both", {t.addition("ann"), t.addition("bob"), t.bad_addition("cid")})};
    SUBCASE("and only then") {
        CHECK(t.run(p).failed == 1);
        CHECK(t.mailboxes() == 2);
        return;
    }
    p.changes.front().all_or_none = true;
    const auto sum = t.run(p);
    CHECK(sum.failed == 1);
    CHECK(sum.changes == 1);
    CHECK(t.of("both").kind == error_kind::invalid_value);
    CHECK(t.mailboxes() == 0);
}

TEST_CASE("what is to be all or nothing takes what somebody else has made of it for its own, and another's for a refusal") {
    fixture t;
    const auto aliased = [&](const std::string& user, const std::string& target) {
        alias a(address::make(user, t.name));
        a.targets = {maildrop::parse(target)};
        ldap::entry e;
        a.to_entry(e, t.d.site());
        return ldap::add_request{e};
    };
    const auto make = [&](const ldap::add_request& request) { t.s.write(request).success("add", request.entry.dn()); };
    plan p;
    p.changes = {t.change("all", {aliased("ann", "a@list.example"), aliased("bob", "b@list.example"), aliased("cid", "c@list.example")})};
    p.changes.front().all_or_none = true;
    SUBCASE("the same in the middle") {
        make(aliased("bob", "b@list.example"));
        CHECK(t.run(p).done == 1);
        CHECK(t.mailboxes() == 3);
    }
    SUBCASE("the same at the end") {
        make(aliased("cid", "c@list.example"));
        CHECK(t.run(p).done == 1);
        CHECK(t.mailboxes() == 3);
    }
    SUBCASE("another alias") {
        make(aliased("cid", "somebody@else.example"));
        CHECK(t.run(p).failed == 1);
        CHECK(t.of("all").kind == error_kind::already_exists);
        CHECK(t.mailboxes() == 1);
    }
    SUBCASE("no alias") {
        auto e = entries::mailbox(t.where(), "cid", t.name);
        e.set_dn(aliased("cid", "x@y.example").entry.dn());
        make({e});
        CHECK(t.run(p).failed == 1);
        CHECK(t.mailboxes() == 1);
    }
}

TEST_CASE("what was withdrawn is in the journal as well") {
    fixture t;
    plan p;
    p.changes = {t.change("both", {t.addition("ann"), t.bad_addition("bob")})};
    p.changes.front().all_or_none = true;
    journal_reader reader(t.run(p, {.journal_folder = t.scratch.path()}).journal);
    REQUIRE(reader.next());
    REQUIRE(reader.next());
    const auto withdrawal = reader.next();
    REQUIRE(withdrawal);
    CHECK(std::get<ldap::delete_request>(withdrawal->request).dn == t.entry("ann").dn());
    CHECK(withdrawal->result == "done");
}

TEST_CASE("what somebody changed after the plan was made is a conflict, and is left as it is") {
    fixture t;
    for (const char* user : {"changed", "removed", "gone"}) t.make(user);
    plan p;
    p.changes = {t.change("changed", {t.setting("changed", "cn", "ours")}, 0), t.change("removed", {t.setting("removed", "cn", "ours")}, 1),
                 t.change("gone", {ldap::delete_request{t.entry("gone").dn()}}, 2)};
    t.s.write(t.setting("changed", "cn", "theirs")).success("change", t.entry("changed").dn());
    for (const char* user : {"removed", "gone"}) t.s.remove({t.entry(user).dn()}).success("remove", t.entry(user).dn());

    const auto sum = t.run(p);

    CHECK(sum.conflict == 2);
    CHECK(sum.unchanged == 1);
    CHECK(t.of("changed").kind == error_kind::conflict);
    CHECK(t.of("changed").sentence == "somebody changed it meanwhile: it is left as it is");
    CHECK(t.of("removed").sentence == "it is gone");
    CHECK(t.of("removed").kind == error_kind::conflict);
    CHECK(t.of("gone").sentence == "it is gone already");
    CHECK(t.s.get(t.entry("changed").dn()).first("cn") == "theirs");
    CHECK_THROWS_AS(sum.success(), conflict);
}

TEST_CASE("what the run itself did to an entry is no conflict") {
    fixture t;
    t.make("ann");
    const auto first = t.setting("ann", "cn", "first"), second = t.setting("ann", "sn", "second");
    plan p;
    SUBCASE("in one change") { p.changes = {t.change("ann", {first, second})}; }
    SUBCASE("in two") { p.changes = {t.change("ann", {first}, 0), t.change("ann", {second}, 1)}; }
    SUBCASE("of which one renames it") {
        const auto other = t.entry("anna").dn();
        p.changes = {t.change("ann", {ldap::rename_request{first.dn, other, first.guard}, ldap::modify_request{other, first.changes, first.guard}})};
    }
    SUBCASE("that it added") { p.changes = {t.change("new", {t.addition("new"), ldap::modify_request{t.entry("new").dn(), first.changes}})}; }
    CHECK(t.run(p).all_good());
}

TEST_CASE("what somebody changes between two requests of a run to one entry is a conflict") {
    fixture t;
    t.make("ann");
    const auto first = t.setting("ann", "cn", "first"), second = t.setting("ann", "cn", "second");
    plan p;
    p.changes = {t.change("ann", {first, second})};
    ldap::session theirs(test_directory::shared().as_owner());
    std::size_t sent = 0;
    const auto meanwhile = [&](const ldap::write_request&) {
        if (++sent == 2) theirs.modify({first.dn, {{ldap::change::replace, "cn", {"theirs"}}}}).success("change", first.dn);
    };
    CHECK(t.run(p, {.on_write = meanwhile}).conflict == 1);
    CHECK(t.s.get(first.dn).first("cn") == "theirs");
}

TEST_CASE("a write that was never answered and cannot be asked about is in doubt") {
    fixture t;
    t.make("ann");
    faulty_proxy proxy(std::string(test_directory::shared().dir() / "ldapi"));
    auto o = test_directory::shared().as_owner();
    o.uris = {proxy.uri()};
    ldap::session through(std::move(o));
    directory d(through, t.d.options());
    plan p;
    p.changes = {t.change("ann", {t.setting("ann", "cn", "Ann")})};
    through.schema();
    proxy.at_write(1, fault::lose_answer);
    proxy.at_search(1, fault::lose_answer, 1000);
    const auto sum = vmail::run(d, p, {.max_changes = 1});
    CHECK(sum.in_doubt == 1);
    CHECK(sum.anything_changed());
    CHECK(sum.first_fault.value().kind() == error_kind::in_doubt);
}

TEST_CASE("a run that ends between two requests of a change leaves it unfinished, and says that the same command finishes it") {
    fixture t;
    plan p;
    p.changes = {t.change("both", {t.addition("ann"), t.addition("bob")}, 0), t.add("cid", 1)};
    const auto sum = t.run(p, {.window = 1, .on_write = ends_at(2)});
    REQUIRE(sum.stopped);
    CHECK(sum.stopped->kind() == error_kind::interrupted);
    CHECK(sum.unfinished == 1);
    CHECK(sum.skipped == 1);
    CHECK(sum.anything_changed());
    CHECK(t.of("both").sentence.find("the same command finishes it") != std::string::npos);
    CHECK(t.mailboxes() == 1);
}

TEST_CASE("whatever ends a run, what was in flight is waited for and told") {
    fixture t;
    const auto sum = t.run(t.many(20), {.on_write = ends_at(11)});
    REQUIRE(sum.stopped);
    CHECK(sum.done == 10);
    CHECK(sum.unfinished + sum.skipped == 10);
    CHECK(t.mailboxes() == 10);
    CHECK(t.outcomes.size() == 20);
    t.make("ann"); // the session goes on
}

TEST_CASE("a run that ends while several changes are half done waits for all of them") {
    fixture t;
    plan p;
    for (std::size_t i = 0; i < 20; ++i) {
        const std::string user = "u" + std::to_string(i);
        p.changes.push_back(t.change(user, {t.addition(user), t.addition(user + "-too")}, i));
    }
    const auto sum = t.run(p, {.journal_folder = t.scratch.path(), .window = 8, .on_write = ends_at(10)});
    REQUIRE(sum.stopped);
    CHECK(sum.unfinished > 0);
    CHECK(t.outcomes.size() == 20);
    CHECK(t.mailboxes() == 9);
    journal_reader reader(sum.journal);
    for (int i = 0; i < 9; ++i) CHECK(reader.next().value().result == "done");
    CHECK_FALSE(reader.next());
}

TEST_CASE("a run is stopped between changes, or when its time is up") {
    fixture t;
    run_options options;
    int asked = 0;
    error_kind kind = error_kind::interrupted;
    std::size_t done = 5;
    SUBCASE("when it is told to") { options.stop = [&] { return ++asked > 5; }; }
    SUBCASE("when its time is up") {
        options.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
        kind = error_kind::unavailable;
        done = 0;
    }
    const auto sum = t.run(t.many(20), options);
    REQUIRE(sum.stopped);
    CHECK(sum.stopped->kind() == kind);
    CHECK(sum.done == done);
    CHECK(sum.skipped == 20 - done);
    CHECK(t.mailboxes() == done);
    CHECK(t.outcomes.size() == 20);
}

TEST_CASE("a deadline that lies ahead stops nothing") {
    fixture t;
    CHECK(t.run(t.many(3), {.deadline = std::chrono::steady_clock::now() + std::chrono::hours(1)}).done == 3);
}

TEST_CASE("a plan of exactly as many changes as are allowed is carried out, one more is refused before anything is sent") {
    fixture t;
    CHECK(kind_of_failure([&] { t.run(t.many(3), {.max_changes = 2}); }) == error_kind::limit_exceeded);
    CHECK(t.mailboxes() == 0);
    CHECK(kind_of_failure([&] { vmail::run(t.d, t.many(11), {}); }) == error_kind::limit_exceeded); // ten of few
    CHECK(t.run(t.many(3), {.max_changes = 3}).done == 3);
}

TEST_CASE("what the same command can take back, what is right already and what cannot be done count against no cap") {
    fixture t;
    plan p = t.many(4);
    p.changes[0].drastic = false;
    p.changes[1].requests.clear();
    p.changes[2].fault = error(error_kind::not_found, "it is not there");
    CHECK(p.drastic() == 1);
    CHECK(p.items() == 4);
    const auto sum = t.run(p, {.max_changes = 1});
    CHECK(sum.done == 2);
    CHECK(sum.unchanged == 1);
    CHECK(sum.failed == 1);
    CHECK(t.of("u2").sentence == "it is not there");
}

TEST_CASE("who is asked and says no ends the run before it began") {
    fixture t;
    std::size_t asked = 0;
    const auto sum = t.run(t.many(2), {.journal_folder = t.scratch.path() / "journal", .confirm = [&](const plan& p) { return asked = p.items(), false; }});
    CHECK(asked == 2);
    CHECK(sum.declined);
    CHECK_FALSE(sum.all_good());
    CHECK_FALSE(sum.anything_changed());
    CHECK(t.outcomes.empty());
    CHECK(t.mailboxes() == 0);
    CHECK_FALSE(std::filesystem::exists(t.scratch.path() / "journal"));
}

TEST_CASE("a dry run asks nobody, sends nothing and shows the requests that the real run sends") {
    fixture t;
    t.make("ann");
    plan p;
    p.changes = {t.change("ann", {t.setting("ann", "cn", "Ann"), t.setting("ann", "sn", "A")}, 0), t.add("bob", 1), t.change("bob", {ldap::delete_request{t.entry("bob").dn()}}, 1, 1)};
    std::vector<ldap::write_request> shown, sent;
    const auto never = [](const plan&) {
        FAIL("it was asked");
        return false;
    };
    const auto dry = t.run(p, {.journal_folder = t.scratch.path() / "journal", .dry_run = true, .confirm = never, .on_write = [&](const auto& r) { shown.push_back(r); }});
    CHECK(dry.done == 3);
    CHECK(dry.all_good());
    CHECK_FALSE(std::filesystem::exists(t.scratch.path() / "journal"));
    CHECK(t.s.get(t.entry("ann").dn()).first("cn") == "ann");

    CHECK(t.run(p, {.window = 1, .on_write = [&](const auto& r) { sent.push_back(r); }}).done == 3);
    CHECK(shown.size() == 4);
    CHECK(ldif_of(shown) == ldif_of(sent));
}

TEST_CASE("no more requests are in flight than the window has room for") {
    fixture t;
    for (const std::size_t window : {std::size_t{1}, std::size_t{4}}) {
        std::size_t sent = 0, answered = 0, most = 0;
        const run_options options{.max_changes = unlimited_changes, .window = window, .on_write = [&](const auto&) { most = std::max(most, ++sent - answered); }};
        runner counted(t.d, options, [&](const change_outcome&) { ++answered; });
        counted.carry_out(t.many(60));
        CHECK(counted.finish().changes == 60);
        CHECK(most <= window);
        CHECK((window == 1 || most > 1));
    }
}

TEST_CASE("a request is in the journal, on disk, before it leaves") {
    fixture t;
    std::size_t on_disk = 0;
    const auto look = [&](const change_outcome&) {
        for (const auto& file : list_journals(t.scratch.path()))
            if (contents(file).find("request: " + std::to_string(on_disk + 1) + "\n") != std::string::npos) ++on_disk;
    };
    const auto sum = vmail::run(t.d, t.many(5), {.job = "test run", .journal_folder = t.scratch.path(), .max_changes = 5, .window = 1}, look);
    CHECK(on_disk == 5);
    CHECK(sum.journal.native().ends_with("-test-run.journal"));
    CHECK(contents(sum.journal).find("\nended: ") != std::string::npos);
}

TEST_CASE("a password that others left in clear text comes into the journal neither with a changed entry nor with a removed one") {
    fixture t;
    t.make("ann");
    t.s.modify({t.entry("ann").dn(), {{ldap::change::replace, "userPassword", {"geheim"}}}}).success("change", {});
    plan p;
    p.changes = {t.change("ann", {t.setting("ann", "cn", "Ann")}, 0), t.change("ann", {ldap::delete_request{t.entry("ann").dn()}}, 1)};
    const auto sum = t.run(p, {.journal_folder = t.scratch.path()});
    CHECK(sum.done == 2);
    const std::string text = contents(sum.journal);
    CHECK(text.find("geheim") == std::string::npos);
    CHECK(text.find("Z2VoZWlt") == std::string::npos); // in base64
    CHECK(text.find("cn: Ann") != std::string::npos);
}

TEST_CASE("nor with an entry as it was read, which stands beside the request") {
    fixture t;
    t.make("ann");
    const auto name = t.entry("ann").dn();
    t.s.modify({name, {{ldap::change::replace, "userPassword", {"geheim"}}}}).success("change", {});
    const auto read = t.s.get(name, ldap::whole_entry());
    REQUIRE(read.has_value("userPassword", "geheim"));
    plan p;
    p.changes = {t.change("ann", {ldap::modify_request{name, {{ldap::change::replace, "cn", {"Ann"}}}, ldap::precondition::unchanged_whole(read)}}, 0)};
    const auto sum = t.run(p, {.journal_folder = t.scratch.path()});
    CHECK(sum.done == 1);
    const std::string text = contents(sum.journal);
    CHECK(text.find("before: 1") != std::string::npos);
    CHECK(text.find("geheim") == std::string::npos);
    CHECK(text.find("Z2VoZWlt") == std::string::npos);
}

TEST_CASE("requests that never left say so in the journal") {
    test_directory server;
    const vmail::tools::sandbox control(server.dir());
    fixture t(server.as_owner());
    std::size_t seen = 0;
    const auto kill_server = [&](const ldap::write_request&) {
        if (++seen == 50) kill(control.status().pid, SIGKILL);
    };
    const auto sum = t.run(t.many(100), {.journal_folder = t.scratch.path(), .on_write = kill_server});
    REQUIRE(sum.stopped);
    CHECK(sum.done + sum.in_doubt + sum.skipped == 100);
    std::map<std::string, std::size_t> results;
    journal_reader reader(sum.journal);
    while (const auto r = reader.next()) ++results[r->result];
    CHECK(results["done"] == sum.done);
    CHECK(results["unknown"] == sum.in_doubt);
    CHECK(results["not-sent"] > 0);
    CHECK(results["refused"] == 0);
}

TEST_CASE("several plans are one run, with one journal and one summary") {
    fixture t;
    runner r(t.d, {.journal_folder = t.scratch.path()}, {});
    plan first, second;
    first.changes = {t.add("ann", 0)};
    second.changes = {t.change("ann", {ldap::modify_request{t.entry("ann").dn(), {{ldap::change::replace, "cn", {"Ann"}}}}}, 0)};
    r.carry_out(first);
    r.carry_out(second);
    const auto sum = r.finish();
    CHECK(sum.done == 2);
    CHECK(list_journals(t.scratch.path()).size() == 1);
}

TEST_CASE("the folder of a mailbox that went for good is remembered") {
    fixture t;
    t.make("ann");
    t.make("bob");
    plan p;
    p.changes = {t.change("ann", {ldap::delete_request{t.entry("ann").dn()}})};
    t.run(p, {.journal_folder = t.scratch.path()});
    const auto known = former_folders::in(t.scratch.path());
    CHECK(known.contains("/home/vmail/domains", t.name.text() + "/ann/"));
    CHECK(known.owner("/home/vmail/domains", t.name.text() + "/ann") == "ann@" + t.name.text());
    CHECK_FALSE(known.contains("/home/vmail/domains", t.name.text() + "/bob/"));
    CHECK_FALSE(known.contains("/home/other", t.name.text() + "/ann/"));
    CHECK_FALSE(former_folders::in(t.scratch.path() / "nowhere").contains("", ""));
}

TEST_CASE("of many who take the last places of a domain at once, as many win as there are places") {
    fixture t;
    auto limited = t.d.get_domain(t.name);
    limited->max_mailboxes = 3;
    t.d.update(limited);
    std::atomic<int> won = 0, lost = 0;
    const auto race = [&](int i) {
        ldap::session own(test_directory::shared().as_owner());
        directory d(own, t.d.options());
        draft all(d, {.token = "racer" + std::to_string(i)});
        all.attempt("racer", [&] { all.add(mailbox(address::make("racer" + std::to_string(i), t.name))); });
        const auto sum = vmail::run(d, std::move(all).take(), {});
        if (sum.all_good()) ++won;
        else if (sum.first_fault.value().kind() == error_kind::limit_exceeded) ++lost;
    };
    std::vector<std::thread> racers;
    for (int i = 0; i < 8; ++i) racers.emplace_back(race, i);
    for (auto& r : racers) r.join();
    CHECK(won == 3);
    CHECK(lost == 5);
    CHECK(t.mailboxes() == 3);
    const auto after = t.s.get(t.where().domain(t.name));
    CHECK_FALSE(after.has("vmailReservation")); // all were given back
    CHECK_FALSE(after.has_class("vmailBookkeeping"));
}

TEST_CASE("what a run that was killed had set aside is taken over by the same command, and counts for others") {
    fixture t;
    auto limited = t.d.get_domain(t.name);
    limited->max_mailboxes = 1;
    t.d.update(limited);
    const auto left_behind = timestamp::now().digits() + " token 1 0 0";
    const auto at = t.where().domain(t.name);
    t.s.modify({at, {{ldap::change::add, "objectClass", {"vmailBookkeeping"}}, {ldap::change::add, "vmailReservation", {left_behind}}}}).success("change", at);
    const auto add_as = [&](const std::string& token) {
        draft all(t.d, {.token = token});
        all.add(mailbox(address::make("ann", t.name)));
        return vmail::run(t.d, std::move(all).take(), {});
    };
    const auto others = add_as("other");
    REQUIRE(others.first_fault);
    CHECK(others.first_fault->kind() == error_kind::limit_exceeded);
    CHECK(add_as("token").all_good());
    CHECK_FALSE(t.s.get(at).has("vmailReservation"));
}

TEST_CASE("who adds to a domain that is marked as removed meanwhile is told so, once") {
    fixture f;
    plan p;
    for (const char* user : {"ann", "ben"}) {
        const auto e = f.entry(user);
        p.changes.push_back({.subject = e.first("mail").value(), .action = "created", .requests = {ldap::add_request{e}}, .item = p.changes.size()});
    }
    run_options options;
    options.confirm = [&](const plan&) {
        ldap::session other(test_directory::shared().as_owner());
        other.write(ldap::modify_request{f.where().domain(f.name), {{ldap::change::replace, "delete", {"TRUE"}}}, {}}).success("mark", f.where().domain(f.name));
        return true;
    };
    const auto sum = f.run(p, options);
    CHECK(sum.done == 2);
    REQUIRE(sum.notices.size() == 1);
    CHECK(sum.notices[0].sentence == f.name.text() + " is marked as removed by now: what was added there is out of service with it");
}

TEST_CASE("who adds to a domain that is disabled meanwhile is told so, unless the plan has told it") {
    fixture f;
    const auto e = f.entry("ann");
    plan p{.changes = {{.subject = e.first("mail").value(), .action = "created", .requests = {ldap::add_request{e}}}}};
    run_options options;
    options.confirm = [&](const plan&) {
        ldap::session other(test_directory::shared().as_owner());
        other.write(ldap::modify_request{f.where().domain(f.name), {{ldap::change::replace, "accountActive", {"FALSE"}}}, {}}).success("disable", f.where().domain(f.name));
        return true;
    };
    const auto sum = f.run(p, options);
    REQUIRE(sum.notices.size() == 1);
    CHECK(sum.notices[0].sentence == f.name.text() + " is disabled by now: what was added there works all the same");

    const auto later = f.entry("ben");
    const plan told{.changes = {{.subject = later.first("mail").value(), .action = "created", .requests = {ldap::add_request{later}}}}, .notices = {{later.first("mail").value(), "its domain is disabled"}}};
    CHECK(f.run(told, options).notices.empty());
}

TEST_CASE("nobody hears of a domain that is in service") {
    fixture f;
    const auto e = f.entry("ann");
    const plan p{.changes = {{.subject = e.first("mail").value(), .action = "created", .requests = {ldap::add_request{e}}}}};
    CHECK(f.run(p).notices.empty());
}

TEST_CASE("a wave begins when all before it has ended, and after a failure only where that is wanted") {
    fixture f;
    plan p;
    p.changes = {f.add("a", 0), f.change("bad", {f.bad_addition("bad")}, 1), f.add("b", 2)};
    p.changes.back().wave = 1;
    std::size_t told_before = 0;
    const auto look = [&](const ldap::write_request& r) {
        if (ldap::target(r) == f.entry("b").dn()) told_before = f.outcomes.size();
    };
    f.run(p, {.past_failures = false, .on_write = look});
    CHECK(f.fate("a") == fate::done);
    CHECK(f.fate("b") == fate::skipped);
    CHECK_FALSE(f.is_there("b"));
    CHECK(told_before == 0);
    f.run(p, {.on_write = look});
    CHECK(f.fate("b") == fate::done);
    CHECK(told_before == 2);
}

TEST_CASE("what has to be done before a change is done when all before it is told, and keeps that change alone from being sent") {
    fixture t;
    std::vector<std::size_t> told_by_then;
    run_options options;
    options.before = [&](const planned_change& c) {
        told_by_then.push_back(t.outcomes.size());
        CHECK_FALSE(t.is_there(c.subject));
        if (c.subject == "u1") throw conflict("somebody was faster");
        if (c.subject == "u2") throw unavailable("the disk is full");
    };
    const auto sum = t.run(t.many(4), options);
    CHECK(told_by_then == std::vector<std::size_t>{0, 1, 2, 3});
    CHECK(sum.done == 2);
    CHECK(t.fate("u1") == fate::conflict);
    CHECK(t.fate("u2") == fate::failed);
    CHECK(t.of("u2").sentence == "the disk is full");
    CHECK(t.is_there("u0"));
    CHECK_FALSE(t.is_there("u1"));
    CHECK_FALSE(t.is_there("u2"));
    CHECK(t.is_there("u3"));

    options.dry_run = true;
    told_by_then.clear();
    t.run(t.many(1), options);
    CHECK(told_by_then.empty());
}
