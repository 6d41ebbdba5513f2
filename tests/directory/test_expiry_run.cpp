#include <chrono>
#include <csignal>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/directory.hpp>
#include <vmail/error.hpp>
#include <vmail/jobs/expiry_run.hpp>
#include <vmail/jobs/runner.hpp>
#include <vmail/ldap/pipeline.hpp>
#include <vmail/ldap/session.hpp>

#include <sandbox/sandbox.hpp>
#include <sandbox/schema_files.hpp>
#include <sandbox/slapd.hpp>

#include "entries.hpp"
#include "faulty_proxy.hpp"
#include "support/foreign_directory.hpp"
#include "support/test_directory.hpp"

using namespace vmail;
using entries::kind_of_failure;
using fault = faulty_proxy::fault;

namespace {

const timestamp today = timestamp::parse_digits("20260601120000");

site site_of(const std::string& base, expiry_storage storage = expiry_storage::expire_date) {
    return {.layout = entries::layout_of(base), .expiry_storage = storage, .zone = time_zone::named("UTC")};
}

/// A directory, and one domain in it.
struct world {
    explicit world(ldap::session_options options, const std::string& base, expiry_storage storage = expiry_storage::expire_date)
        : s(std::move(options)), d(s, {.site = site_of(base, storage)}) {
        add(entries::domain(d.site().layout, name));
        options_.domain = name;
        options_.as_of = today;
    }

    void add(const ldap::entry& e) { s.add(e).success("add", e.dn()); }

    ldap::entry mailbox(const std::string& user) const { return entries::mailbox(d.site().layout, user, name); }

    void add(const std::string& user, const std::string& expire_date) {
        auto e = mailbox(user);
        e.set("expireDate", expire_date);
        add(e);
    }

    /// user0, user1, ...
    void add_many(int count, const std::string& expire_date) {
        ldap::pipeline all(s);
        for (int i = 0; i < count; ++i) {
            auto e = mailbox("user" + std::to_string(i));
            e.set("expireDate", expire_date);
            all.submit(ldap::add_request{e}, {});
        }
        all.drain();
    }

    run_summary run() { return run(plan_expiry(d, options_)); }
    run_summary run(const expiry_plan& found) {
        fates.clear();
        return vmail::run(d, found.plan, run_options_, [this](const change_outcome& o) { fates[o.change.subject] = o.fate; });
    }

    stored<vmail::mailbox> get(const std::string& user) { return d.get_mailbox(address::make(user, name)); }
    std::size_t active() {
        return s.search({d.site().layout.domain(name), ldap::scope::one, ldap::filter::equal("accountActive", "TRUE"), {"1.1"}}).size();
    }

    ldap::session s;
    directory d;
    domain_name name = unique_domain();
    expiry_options options_;
    run_options run_options_;
    std::map<std::string, vmail::fate> fates;
};

struct here : world {
    here() : world(test_directory::shared().as_owner(), test_directory::shared().base()) {}
};

/// A site of the first generation: mailboxExpiration in days, by a schema of its own.
class first_generation {
public:
    explicit first_generation(const std::string& ordering) {
        const auto& dir = scratch_.path();
        const auto schema = vmail::tools::schema_dir().string();
        std::string conf;
        for (const char* name : {"core", "cosine", "inetorgperson", "nis"}) conf += "include /etc/ldap/schema/" + std::string(name) + ".schema\n";
        for (const char* name : {"phamm", "phamm-vacation"}) conf += "include \"" + schema + '/' + name + ".schema\"\n";
        conf += "attributetype ( 2.25.1.1 NAME 'mailboxExpiration' EQUALITY integerMatch " + ordering + " SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )\n"
                "objectclass ( 2.25.1.2 NAME 'oldAccount' SUP top AUXILIARY MAY mailboxExpiration )\n"
                "modulepath /usr/lib/ldap\nmoduleload back_mdb\npidfile \"" + (dir / "slapd.pid").string() + "\"\n"
                "access to * by * write\ndatabase mdb\nsuffix \"dc=old,dc=example\"\ndirectory \"" + dir.string() + "\"\nmaxsize 67108864\n";
        vmail::tools::write_file(dir / "slapd.conf", conf);
        vmail::tools::write_file(dir / "tree.ldif", "dn: dc=old,dc=example\nobjectClass: domain\ndc: old\n\n"
                                                    "dn: o=hosting,dc=old,dc=example\nobjectClass: organization\no: hosting\n");
        vmail::tools::run_slapd_tool("slapadd", {"-q", "-f", dir / "slapd.conf", "-l", dir / "tree.ldif"}, dir / "log");
        server_.start();
    }
    ~first_generation() { server_.stop(); }

    ldap::session_options options() const {
        ldap::session_options o;
        o.uris = {uri_};
        o.credentials = ldap::external_bind{};
        return o;
    }

private:
    scratch_directory scratch_;
    std::string uri_ = vmail::tools::sandbox(scratch_.path()).uri();
    vmail::tools::slapd server_{{.config = scratch_.path() / "slapd.conf", .pid_file = scratch_.path() / "slapd.pid", .log = scratch_.path() / "log", .uri = uri_,
                                 .lifetime = vmail::tools::server_lifetime::of_starting_thread}};
};

const std::string past = "20260531000000", future = "20260602000000", this_second = "20260601120000";

} // namespace

TEST_CASE("what has ended is disabled, with the reason; what has not is left alone") {
    here w;
    w.add("ended", past);
    w.add("now", this_second);
    w.add("later", future);
    w.add(w.mailbox("undated"));

    const auto plan = plan_expiry(w.d, w.options_);
    CHECK(plan.how == expiry_search::range);
    CHECK(plan.plan.changes.size() == 2);
    CHECK(w.active() == 4); // a plan changes nothing

    const auto sum = w.run(plan);
    CHECK(sum.actions.at("disabled") == 2);
    CHECK(plan.reasons_recorded);
    CHECK(w.fates.at("ended@" + w.name.text()) == vmail::fate::done);
    const auto ended = w.get("ended");
    CHECK_FALSE(ended->active);
    CHECK(ended->disabled.reason == reason::expired);
    CHECK(ended->disabled.by == w.s.identity().substr(3));
    CHECK(ended->disabled.at.has_value());
    CHECK(ended->changed > timestamp::from_epoch(1700000000));
    CHECK(w.get("later").value.active);
    CHECK(w.get("undated").value.active);
}

TEST_CASE("an alias ends as a mailbox does") {
    here w;
    alias a(address::make("course", w.name));
    a.targets = {maildrop::parse("teacher@example.net")};
    a.expires = expiry::from_attribute(past);
    w.d.add_alias(a);
    const auto plan = plan_expiry(w.d, w.options_);
    REQUIRE(plan.ends.size() == 1);
    CHECK(plan.plan.changes.front().why == "expired 2026-05-30");
    CHECK(w.run(plan).done == 1);
    CHECK_FALSE(w.d.get_alias(a.address).value.active);
    CHECK(w.d.get_alias(a.address).value.disabled.reason == reason::expired);
}

TEST_CASE("a search that is stopped is no plan") {
    here w;
    w.add_many(5, past);
    int asked = 0;
    w.options_.stop = [&] { return ++asked > 3; };
    CHECK(kind_of_failure([&] { plan_expiry(w.d, w.options_); }) == error_kind::interrupted);
}

TEST_CASE("a second run has nothing to do") {
    here w;
    w.add("ended", past);
    CHECK(w.run().done == 1);
    const auto csn = w.s.get(w.mailbox("ended").dn(), {"entryCSN"}).first("entryCSN");
    const auto again = w.run();
    CHECK(again.changes == 0);
    CHECK(again.done == 0);
    CHECK(w.s.get(w.mailbox("ended").dn(), {"entryCSN"}).first("entryCSN") == csn);
}

TEST_CASE("a later date brings back what the run disabled, and not what a person did") {
    here w;
    w.add("by_run", past);
    w.add("by_person", past);
    auto by_person = w.get("by_person");
    CHECK(w.d.disable(by_person, reason::manual));
    CHECK(w.run().done == 1);

    for (const char* user : {"by_run", "by_person"}) {
        auto m = w.get(user);
        w.d.set_expiry(m, expiry::from_attribute(future), today);
    }

    CHECK(w.get("by_run").value.active);
    CHECK(w.get("by_run").value.disabled.reason.empty());
    CHECK_FALSE(w.get("by_person").value.active);
    CHECK(w.get("by_person").value.disabled.reason == reason::manual);
}

TEST_CASE("dates that are none are reported and never expired") {
    here w;
    for (const char* date : {"0", "20260230000000", "19691231235959", "1700000000", "202601010000"}) w.add("d" + std::string(date), date);
    for (const char* later : {"20991399000000", "99999999999999", "999999999999999999999999", "209912310000000"}) w.add("l" + std::string(later), later);
    w.add("ended", past);
    w.add("not_yet", future);
    const auto plan = plan_expiry(w.d, w.options_);
    CHECK(plan.plan.changes.size() == 1);
    CHECK(plan.malformed.size() == 9);
    CHECK(plan.dated == 6);
    const auto sum = w.run(plan);
    CHECK(sum.done == 1);
    CHECK(w.active() == 10);
}

TEST_CASE("more than the cap is refused, and nothing is changed") {
    here w;
    w.add_many(11, past);
    SUBCASE("by default ten of few accounts") {
        const auto plan = plan_expiry(w.d, w.options_);
        CHECK(plan.plan.changes.size() == 11); // for a dry run to show
        CHECK(kind_of_failure([&] { w.run(plan); }) == error_kind::limit_exceeded);
        CHECK(w.active() == 11);
    }
    SUBCASE("by a lower number") {
        w.run_options_.max_changes = 10;
        CHECK(kind_of_failure([&] { w.run(); }) == error_kind::limit_exceeded);
        CHECK(w.active() == 11);
    }
    SUBCASE("not by one that is high enough") {
        w.run_options_.max_changes = 11;
        CHECK(w.run().done == 11);
        CHECK(w.active() == 0);
    }
}

TEST_CASE("what somebody changed after the search is left to the next run") {
    here w;
    w.add("extended", past);
    w.add("renamed", past);
    w.add("removed", past);
    w.add("ended", past);
    const auto plan = plan_expiry(w.d, w.options_);
    REQUIRE(plan.plan.changes.size() == 4);
    auto extended = w.get("extended");
    w.d.set_expiry(extended, expiry::from_attribute(future), today);
    w.d.remove(w.get("removed"));
    auto renamed = w.get("renamed");
    renamed->full_name = "Somebody Else";
    w.d.update(renamed);

    const auto sum = w.run(plan);
    CHECK(sum.done == 1);
    CHECK(sum.conflict == 3);
    CHECK(w.get("extended").value.active);
    CHECK(w.run().done == 1); // the one that is still due
}

TEST_CASE("a domain alone, and one that is not there") {
    here w;
    here other;
    w.add("ended", past);
    other.add("ended", past);
    CHECK(w.run().done == 1);
    CHECK(other.active() == 1);
    w.options_.domain = unique_domain();
    CHECK(kind_of_failure([&] { plan_expiry(w.d, w.options_); }) == error_kind::not_found);
}

TEST_CASE("a run that is stopped tells what it has not done, and the next one does it") {
    here w;
    w.add_many(100, past);
    w.run_options_.max_changes = unlimited_changes;
    const auto plan = plan_expiry(w.d, w.options_);
    int asked = 0;
    w.run_options_.stop = [&] { return ++asked > 40; };
    const auto sum = w.run(plan);
    REQUIRE(sum.stopped);
    CHECK(sum.stopped->kind() == error_kind::interrupted);
    CHECK(sum.done == 40);
    CHECK(sum.skipped == 60);
    CHECK(w.fates.size() == 100);
    w.run_options_.stop = {};
    CHECK(w.run().done == 60);
}

TEST_CASE("answers that are lost are found out about") {
    auto& server = test_directory::shared();
    faulty_proxy proxy(std::string(server.dir() / "ldapi"));
    auto o = server.as_owner();
    o.uris = {proxy.uri()};
    world w(std::move(o), server.base());
    w.add_many(100, past);
    w.run_options_.max_changes = unlimited_changes;
    const auto plan = plan_expiry(w.d, w.options_);
    fault what = fault::lose_answer;
    SUBCASE("answers") {}
    SUBCASE("requests") { what = fault::lose_request; }
    proxy.at_write(40, what, 2);
    const auto sum = w.run(plan);
    CHECK(sum.done == 100);
    CHECK(w.active() == 0);
}

TEST_CASE("a list that breaks off in the middle is no plan") {
    auto& server = test_directory::shared();
    faulty_proxy proxy(std::string(server.dir() / "ldapi"));
    auto o = server.as_owner();
    o.uris = {proxy.uri()};
    o.page_size = 10;
    world w(std::move(o), server.base());
    w.add_many(50, past);
    w.s.schema();
    proxy.at_search(3, fault::lose_answer);
    CHECK(kind_of_failure([&] { plan_expiry(w.d, w.options_); }) == error_kind::unavailable);
    CHECK(w.active() == 50);
}

TEST_CASE("a server that is killed in the middle and comes back: a second run ends in the same state") {
    test_directory server;
    const vmail::tools::sandbox control(server.dir());
    world w(server.as_owner(), server.base());
    w.add_many(200, past);
    w.run_options_.max_changes = unlimited_changes;
    int asked = 0;
    w.run_options_.stop = [&] {
        if (++asked == 100) kill(control.status().pid, SIGKILL);
        return false;
    };
    const auto first = w.run();
    CHECK(first.stopped);
    CHECK(first.done + first.in_doubt + first.failed + first.skipped == 200);
    CHECK(first.skipped > 0);

    vmail::tools::sandbox again(server.dir(), vmail::tools::server_lifetime::of_starting_thread);
    REQUIRE(again.start());
    w.run_options_.stop = {};
    const auto second = w.run();
    CHECK_FALSE(second.stopped);
    CHECK(second.done + first.done <= 200);
    CHECK(w.active() == 0);
    CHECK(w.run().changes == 0);
}

TEST_CASE("a directory of others: without an ordering rule by pages, without our schema without reasons") {
    foreign_directory server;
    world w(server.as_service(), server.base());
    w.add("ended", past);
    w.add("later", future);
    w.add("malformed", "999999999999999999999999"); // in pages it is seen
    const auto plan = plan_expiry(w.d, w.options_);
    CHECK(plan.how == expiry_search::pages);
    CHECK(plan.dated == 3);
    CHECK(plan.malformed.size() == 1);
    const auto sum = w.run(plan);
    CHECK(sum.done == 1);
    CHECK_FALSE(plan.reasons_recorded);
    CHECK_FALSE(w.get("ended").value.active);
    CHECK(w.get("later").value.active);
}

TEST_CASE("a site of the first generation: days since 1970, by range or by pages as its schema allows") {
    std::string ordering;
    auto how = expiry_search::pages;
    SUBCASE("with an ordering rule") {
        ordering = "ORDERING integerOrderingMatch";
        how = expiry_search::range;
    }
    SUBCASE("without") {}
    first_generation server(ordering);
    world w(server.options(), "dc=old,dc=example", expiry_storage::mailbox_expiration);
    const std::map<std::string, std::string> days = {{"yesterday", "20604"}, {"today", "20605"}, {"tomorrow", "20606"}, {"long_ago", "9999"}, {"negative", "-1"}};
    for (const auto& [user, day] : days) { // 2026-06-01 is day 20605
        auto e = w.mailbox(user);
        e.add_class("oldAccount");
        e.set("mailboxExpiration", day);
        w.add(e);
    }
    const auto plan = plan_expiry(w.d, w.options_);
    CHECK(plan.how == how);
    CHECK(plan.malformed.size() == 1);
    CHECK(w.run(plan).done == 3);
    CHECK(w.active() == 2);
    CHECK(w.run().changes == 0);
}

TEST_CASE("a schema without the attribute is an error: a search for it would find nothing, with success") {
    auto& server = test_directory::shared();
    world w(server.as_owner(), server.base(), expiry_storage::mailbox_expiration);
    CHECK(kind_of_failure([&] { plan_expiry(w.d, w.options_); }) == error_kind::configuration);
}

TEST_CASE("a list that the server cuts short disables nothing") {
    foreign_directory server;
    world w(server.as_service(), server.base());
    w.add_many(600, past);
    w.run_options_.max_changes = unlimited_changes;
    CHECK(kind_of_failure([&] { plan_expiry(w.d, w.options_); }) == error_kind::limit_exceeded);
    w.s.find(w.mailbox("user1").dn()); // the session goes on
    CHECK(w.get("user1").value.active);
}

TEST_CASE("whether a rule compares numbers") {
    ldap::entry e;
    e.set("attributeTypes", std::vector<std::string>{"( 1.1.1 NAME 'days' EQUALITY integerMatch ORDERING integerOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 )",
                                                     "( 1.1.2 NAME 'daysAsText' EQUALITY caseIgnoreMatch ORDERING caseIgnoreOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
                                                     "( 1.1.3 NAME 'moreDays' SUP days )"});
    const ldap::subschema schema(e);
    CHECK(schema.orders_integers("days"));
    CHECK(schema.orders_integers("MoreDays"));
    CHECK(schema.has_ordering("daysAsText"));
    CHECK_FALSE(schema.orders_integers("daysAsText"));
    CHECK_FALSE(schema.orders_integers("nothing"));
}
