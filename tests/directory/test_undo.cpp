#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/alias.hpp>
#include <vmail/directory.hpp>
#include <vmail/error.hpp>
#include <vmail/jobs/journal_reader.hpp>
#include <vmail/jobs/runner.hpp>
#include <vmail/draft.hpp>
#include <vmail/jobs/undo.hpp>
#include <vmail/ldap/session.hpp>

#include "entries.hpp"
#include "faulty_proxy.hpp"
#include "support/scratch_directory.hpp"
#include "support/test_directory.hpp"

using namespace vmail;
using entries::kind_of_failure;

namespace {

struct world {
    world() : s(test_directory::shared().as_owner()), d(s, {.site = {.layout = entries::layout_of(test_directory::shared().base()), .zone = time_zone::named("UTC")}}) {
        add(entries::domain(where(), name));
    }

    const layout& where() const { return d.site().layout; }
    void add(const ldap::entry& e) { s.add(e).success("add", e.dn()); }
    ldap::entry add(const std::string& user) {
        auto e = entries::mailbox(where(), user, name);
        add(e);
        return read(e.dn());
    }
    ldap::entry read(const ldap::dn& dn) { return s.find(dn, ldap::whole_entry()).value(); }

    /// As it stands in a journal when it is done.
    static journal_record done(ldap::write_request request, const ldap::entry& before, const std::string& version) {
        return {.number = 1, .subject = "x", .request = std::move(request), .entry_uuid = before.first("entryUUID").value(), .version = version, .result = "done", .before = before};
    }
    journal_record modify(const ldap::entry& before, std::vector<ldap::modification> changes) {
        s.write(ldap::modify_request{before.dn(), changes}).success("change", before.dn());
        return done(ldap::modify_request{before.dn(), changes}, before, read(before.dn()).first("entryCSN").value());
    }
    journal_record remove(const ldap::entry& before) {
        s.write(ldap::delete_request{before.dn()}).success("remove", before.dn());
        return done(ldap::delete_request{before.dn()}, before, "");
    }

    plan undo(std::vector<journal_record> records, std::string identity = {}) {
        return plan_undo(d, {.records = std::move(records), .identity = std::move(identity)});
    }

    domain_name name = unique_domain();
    ldap::session s;
    directory d;
};

std::optional<error_kind> fault_of(const plan& p) {
    REQUIRE(p.changes.size() == 1);
    return p.changes[0].fault ? std::optional(p.changes[0].fault->kind()) : std::nullopt;
}

std::filesystem::path file_of(const scratch_directory& folder, const std::string& text) {
    const auto path = folder.path() / "x.journal";
    std::ofstream(path) << text;
    ::chmod(path.c_str(), 0600);
    return path;
}

const std::string heading = "journal: 1\njob: x\n\n";

} // namespace

TEST_CASE("a removed mailbox does not come back into a folder that is somebody else's by now") {
    world w;
    const auto gone = w.remove(w.add("bob"));
    CHECK(!fault_of(w.undo({gone})));
    auto eve = entries::mailbox(w.where(), "eve", w.name);
    eve.set("mailbox", gone.before->first("mailbox").value());
    w.add(eve);
    CHECK(fault_of(w.undo({gone})) == error_kind::already_exists);
}

TEST_CASE("a removed mailbox does not take an address that somebody else has by now") {
    world w;
    const auto gone = w.remove(w.add("bob"));
    auto eve = entries::mailbox(w.where(), "eve", w.name);
    eve.add_value("mail", "bob@" + w.name.text());
    w.add(eve);
    CHECK(fault_of(w.undo({gone})) == error_kind::already_exists);
}

TEST_CASE("a removed mailbox does not take a login that is somebody else's by now") {
    world w;
    auto bob = entries::mailbox(w.where(), "bob", w.name);
    bob.set("uid", "bob." + w.name.text());
    w.add(bob);
    const auto gone = w.remove(w.read(bob.dn()));
    CHECK(!fault_of(w.undo({gone})));
    auto eve = entries::mailbox(w.where(), "eve", w.name);
    eve.set("uid", "BOB." + w.name.text());
    w.add(eve);
    CHECK(fault_of(w.undo({gone})) == error_kind::already_exists);
}

TEST_CASE("a folder that was changed is not given back when it is somebody else's by now") {
    world w;
    const auto bob = w.add("bob");
    const auto moved = w.modify(bob, {{ldap::change::replace, "mailbox", {w.name.text() + "/robert/"}}});
    CHECK(!fault_of(w.undo({moved})));
    auto eve = entries::mailbox(w.where(), "eve", w.name);
    eve.set("mailbox", bob.first("mailbox").value());
    w.add(eve);
    CHECK(fault_of(w.undo({moved})) == error_kind::already_exists);
}

TEST_CASE("what comes back counts against the limits of its domain, in the plan and among several who work at once") {
    world w;
    auto of_a_gigabyte = entries::mailbox(w.where(), "bob", w.name);
    of_a_gigabyte.set("quota", "1073741824S");
    w.add(of_a_gigabyte);
    const auto small = w.modify(w.read(of_a_gigabyte.dn()), {{ldap::change::replace, "quota", {"1024S"}}});
    const auto gone = w.remove(w.add("ann"));
    const auto limit = [&](const std::string& attribute, const std::string& value) {
        w.s.write(ldap::modify_request{w.where().domain(w.name), {{ldap::change::replace, attribute, {value}}}}).success("limit", w.where().domain(w.name));
    };
    CHECK(!fault_of(w.undo({gone})));
    CHECK(w.undo({gone}).claims.empty());
    limit("maxMail", "2");
    const plan fits = w.undo({gone});
    CHECK(!fault_of(fits));
    REQUIRE(fits.claims.size() == 1);
    CHECK(fits.changes[0].claim == 0U);
    CHECK(fits.claims[0].places == domain_places{.mailboxes = 1});
    limit("maxMail", "1");
    CHECK(fault_of(w.undo({gone})) == error_kind::limit_exceeded);
    CHECK(!fault_of(w.undo({small})));
    limit("maxQuota", "1000");
    CHECK(fault_of(w.undo({small})) == error_kind::limit_exceeded);
    limit("maxQuota", "1025");
    CHECK(!fault_of(w.undo({small})));
}

TEST_CASE("of two undoings at once that both planned on the last place, one brings its mailbox back") {
    world w;
    const auto ann = w.remove(w.add("ann")), bob = w.remove(w.add("bob"));
    w.s.write(ldap::modify_request{w.where().domain(w.name), {{ldap::change::add, "maxMail", {"1"}}}}).success("limit", w.where().domain(w.name));
    const plan first = w.undo({ann}), second = w.undo({bob});
    CHECK(run(w.d, first, {}).all_good());
    const auto late = run(w.d, second, {});
    CHECK(late.failed == 1);
    CHECK(late.first_fault.value().kind() == error_kind::limit_exceeded);
}

TEST_CASE("a password in clear text is not written again") {
    world w;
    auto e = w.add("bob");
    e.set("userPassword", std::vector<std::string>{"secret", "{CLEARTEXT}secret", "{my secret}1"});
    const auto gone = w.remove(e);
    const auto p = w.undo({gone});
    CHECK(!fault_of(p));
    CHECK(!std::get<ldap::add_request>(p.changes[0].requests[0]).entry.has("userPassword"));
    CHECK(p.notices.size() == 1);

    auto ann = w.add("ann");
    auto changed = w.modify(ann, {{ldap::change::replace, "userPassword", {"{SSHA}x"}}});
    for (const std::string old : {"secret", "{PLAIN}secret"}) {
        changed.before->set("userPassword", old);
        CHECK(fault_of(w.undo({changed})) == error_kind::invalid_value);
    }
}

TEST_CASE("a password that whoever changed it could not read is not taken away") {
    world w;
    const auto changed = w.modify(w.add("bob"), {{ldap::change::replace, "userPassword", {"{SSHA}x"}}});
    CHECK(fault_of(w.undo({changed}, "dn:cn=somebody else")) == error_kind::invalid_value);
    CHECK(!fault_of(w.undo({changed}, w.s.identity())));
}

TEST_CASE("where the server did not keep what was before, nothing is guessed") {
    world w;
    const auto changed = w.modify(w.add("bob"), {{ldap::change::replace, "cn", {"Bob"}}});
    const auto& dn = ldap::target(changed.request);
    const ldap::access_record r{.id = "20261231235959.000001Z", .target = dn, .entry_uuid = changed.entry_uuid,
                                .change = ldap::recorded_modify{{{ldap::recorded_change::replace, "cn", {"Bob"}}}}, .csn = changed.version};
    const auto p = plan_undo(w.d, as_change_record(r));
    CHECK(fault_of(p) == error_kind::invalid_value);
}

TEST_CASE("a value that was there before the name had it stays when the name goes") {
    world w;
    auto e = w.add("bob");
    const std::string other = "robert@" + w.name.text();
    w.modify(e, {{ldap::change::add, "mail", {other}}});
    e = w.read(e.dn());
    const auto moved = e.dn().parent().child("mail", other);
    w.s.write(ldap::rename_request{e.dn(), moved, {}, true}).success("rename", e.dn());
    const auto r = world::done(ldap::rename_request{e.dn(), moved, {}, true}, e, w.read(moved).first("entryCSN").value());
    CHECK(run(w.d, w.undo({r}), {}).all_good());
    CHECK(w.read(e.dn()).find("mail")->size() == 2);
}

TEST_CASE("a domain that holds something by now is not taken away, and neither is what was made with it") {
    world w;
    const auto domain = w.read(w.where().domain(w.name));
    const auto abuse = w.add("abuse");
    const auto made = [](const ldap::entry& e) { return world::done(ldap::add_request{e}, e, e.first("entryCSN").value()); };
    w.add("bob");
    const auto p = w.undo({made(domain), made(abuse)});
    CHECK(p.changes.size() == 2);
    CHECK(run(w.d, p, {}).done == 0);
    CHECK(w.s.find(abuse.dn(), ldap::no_attributes()));
}

TEST_CASE("the record of another directory is refused") {
    world w;
    CHECK(kind_of_failure([&] { plan_undo(w.d, {.directory = "00000000-0000-0000-0000-000000000000"}); }) == error_kind::invalid_value);
}

TEST_CASE("a journal that is broken is refused with a sentence") {
    const scratch_directory folder;
    for (const std::string rest : {"request: one\n\n", "request: 1\n\n", "outcome: 1\nresult: done\n\n", "nonsense: 1\n\n", "request:: %%%\n\n", "no colon\n\nended: x\n",
                                   "request: 1\ndn: cn=a\nchangetype: delete\n\noutcome: 1\nresult: done\ndn: cn=a\nchangetype: delete\n\n"}) {
        CAPTURE(rest);
        const auto path = file_of(folder, heading + rest);
        CHECK(kind_of_failure([&] { read_journal(path); }) == error_kind::invalid_value);
    }
}

TEST_CASE("a record is whole or not there, wherever a journal was cut off") {
    const scratch_directory folder;
    const std::string whole = heading + "request: 1\nsubject: bob\ndn: cn=a\nchangetype: delete\n\noutcome: 1\nresult: done\ndn: cn=a\ncn: a\nsn: b\n\n";
    for (std::size_t length = heading.size(); length < whole.size(); ++length) {
        CAPTURE(length);
        for (const auto& r : read_journal(file_of(folder, whole.substr(0, length))).records) CHECK((r.result.empty() && !r.before));
    }
    CHECK(read_journal(file_of(folder, whole)).records.at(0).before->has("sn"));
}

TEST_CASE("a name of several values is read as a whole") {
    const scratch_directory folder;
    const auto all = read_journal(file_of(folder, heading + "request: 1\ndn: cn=a,o=x\nchangetype: modrdn\nnewrdn: cn=b+sn=c\\,d\ndeleteoldrdn: 1\n\n"));
    CHECK(std::get<ldap::rename_request>(all.records.at(0).request).new_dn == ldap::dn::parse("cn=b+sn=c\\,d,o=x"));
}

TEST_CASE("what others may write is not believed") {
    const scratch_directory folder;
    const auto path = file_of(folder, heading);
    CHECK(read_journal(path).records.empty());
    for (const mode_t mode : {0620U, 0602U}) {
        ::chmod(path.c_str(), mode);
        CHECK(kind_of_failure([&] { read_journal(path); }) == error_kind::configuration);
    }
}

TEST_CASE("what became of a change is seen where its answer was lost, and it is taken back like any other") {
    using fault = faulty_proxy::fault;
    for (const bool is_told : {true, false}) {
        CAPTURE(is_told);
        world w;
        const scratch_directory scratch;
        const auto bob = w.add("bob");
        w.add("ann");
        faulty_proxy proxy(std::string(test_directory::shared().dir() / "ldapi"));
        auto options = test_directory::shared().as_owner();
        options.uris = {proxy.uri()};
        ldap::session through(std::move(options));
        directory d(through, w.d.options());
        draft changing(d);
        auto m = d.get_mailbox(address::make("bob", w.name));
        m->full_name = "Robert";
        changing.update(m, "changed");
        changing.remove(d.get_mailbox(address::make("ann", w.name)));
        const plan p = std::move(changing).take();
        through.schema();
        proxy.at_write(1, fault::lose_answer, 2);
        const auto nobody_reads_back = [&](const ldap::write_request&) {
            if (!is_told) proxy.at_search(1, fault::lose_answer, 1000);
        };
        const auto sum = run(d, p, {.job = "lost", .journal_folder = scratch.path(), .max_changes = unlimited_changes, .window = 1, .on_write = nobody_reads_back});
        if (is_told) CHECK(sum.all_good());
        REQUIRE(w.read(bob.dn()).first("cn") == "Robert");

        const plan back = plan_undo(w.d, read_journal(sum.journal));
        for (const auto& c : back.changes) CHECK_FALSE(c.fault.has_value());
        CHECK(run(w.d, back, {.job = "undo", .max_changes = unlimited_changes}).all_good());
        CHECK(w.read(bob.dn()).first("cn") == bob.first("cn"));
        CHECK(w.d.find_mailbox(address::make("ann", w.name)).has_value());
    }
}

TEST_CASE("an undoing that is cut anywhere is finished by the same once more, and a third changes nothing") {
    for (std::size_t n = 0; n < 4; ++n) {
        CAPTURE(n);
        world w;
        const scratch_directory scratch;
        for (const auto user : {"bob", "ann"}) w.add(user);
        alias info(address::make("info", w.name));
        info.targets = {address::make("bob", w.name)};
        w.d.add(info);
        const auto bob = address::make("bob", w.name), robert = address::make("robert", w.name);
        draft renaming(w.d);
        renaming.rename(bob, robert);
        const auto done = run(w.d, std::move(renaming).take(), {.job = "rename", .journal_folder = scratch.path()});
        REQUIRE(done.all_good());

        const auto undo_it = [&](std::size_t most) {
            std::size_t asked = 0;
            run_options options;
            options.stop = [&asked, most] { return asked++ >= most; };
            return run(w.d, plan_undo(w.d, read_journal(done.journal)), options);
        };
        undo_it(n);
        CHECK(undo_it(100).all_good());

        const auto back = w.d.get_mailbox(bob);
        CHECK(back.source.find("mail")->size() == 1);
        CHECK_FALSE(w.d.find_mailbox(robert));
        CHECK(w.d.get_alias(address::make("info", w.name)).value.targets.front() == maildrop(bob));
        CHECK(plan_undo(w.d, read_journal(done.journal)).empty());
    }
}

TEST_CASE("a circle that an undo would close is told before it") {
    world w;
    const auto at = [&](const std::string& local) { return address::make(local, w.name); };
    const auto leads = [&](const std::string& from, const std::string& to) {
        alias a(at(from));
        a.targets = {at(to)};
        ldap::entry e;
        a.to_entry(e, w.d.site());
        w.add(e);
        return w.read(e.dn());
    };
    w.add("bob");
    const auto first = leads("first", "second"), third = leads("third", "bob");
    const auto removed = w.remove(first);
    const auto changed = w.modify(third, {{ldap::change::replace, "maildrop", {"x@example.net"}}});
    const auto told = [&] { return w.undo({removed, changed}).notices; };
    leads("second", "bob");
    CHECK(told().empty());
    w.s.write(ldap::modify_request{w.where().alias(at("second")), {{ldap::change::replace, "maildrop", {at("first").text(), at("third").text()}}}}).success("change", {});
    REQUIRE(told().size() == 1);
    CHECK(told().front().sentence.find("would run in a circle") != std::string::npos);
    w.s.write(ldap::delete_request{w.where().alias(at("second"))}).success("remove", {});
    CHECK(told().empty());
    CHECK(w.undo({removed}).changes.size() == 1);
}
