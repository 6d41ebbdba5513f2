#include <algorithm>
#include <chrono>
#include <csignal>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/directory.hpp>
#include <vmail/error.hpp>
#include <vmail/jobs/expiry_run.hpp>
#include <vmail/jobs/machine_clock.hpp>
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

/// A server with a schema and a tree of its own.
class private_server {
public:
    private_server(const std::string& own_schema, const std::string& own_entries) {
        const auto& dir = scratch_.path();
        const auto schema = vmail::tools::schema_dir().string();
        std::string conf;
        for (const char* name : {"core", "cosine", "inetorgperson", "nis"}) conf += "include /etc/ldap/schema/" + std::string(name) + ".schema\n";
        for (const char* name : {"phamm", "phamm-vacation"}) conf += "include \"" + schema + '/' + name + ".schema\"\n";
        conf += own_schema +
                "modulepath /usr/lib/ldap\nmoduleload back_mdb\npidfile \"" + (dir / "slapd.pid").string() + "\"\n"
                "access to * by * write\ndatabase mdb\nsuffix \"dc=old,dc=example\"\ndirectory \"" + dir.string() + "\"\nmaxsize 67108864\nindex entryUUID,entryCSN eq\n";
        vmail::tools::write_file(dir / "slapd.conf", conf);
        vmail::tools::write_file(dir / "tree.ldif", "dn: dc=old,dc=example\nobjectClass: domain\ndc: old\n\n"
                                                    "dn: o=hosting,dc=old,dc=example\nobjectClass: organization\no: hosting\n\n" + own_entries);
        vmail::tools::run_slapd_tool("slapadd", {"-q", "-f", dir / "slapd.conf", "-l", dir / "tree.ldif"}, dir / "log");
        server_.start();
    }
    ~private_server() { server_.stop(); }

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

/// A site of the first generation: mailboxExpiration in days, by a schema of its own.
class first_generation : public private_server {
public:
    explicit first_generation(const std::string& ordering)
        : private_server("attributetype ( 2.25.1.1 NAME 'mailboxExpiration' EQUALITY integerMatch " + ordering + " SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )\n"
                         "objectclass ( 2.25.1.2 NAME 'oldAccount' SUP top AUXILIARY MAY mailboxExpiration )\n", "") {}
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
    o.few = 0;
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

namespace {

using std::chrono::hours;

/// Mailboxes that nobody has touched for a month, each with an end between two months ago and one to come; of some that is no date.
class aged_tree {
public:
    static constexpr int size = 300;
    explicit aged_tree(unsigned seed) : random_(seed), server_("", entries()) {}

    ldap::session_options options() const { return server_.options(); }
    std::string user(int i) const { return "user" + std::to_string(i); }
    int any_user() { return below(size); }
    std::string any_end() { return below(20) == 0 ? "20261399000000" : timestamp(now_.instant() + hours(below(24 * 90) - 24 * 60)).digits(); }
    int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
    timestamp now() const { return now_; }

private:
    std::string entries() {
        const auto old = timestamp(now_.instant() - hours(24 * 30)).generalized();
        std::string all = "dn: vd=aged.example,o=hosting,dc=old,dc=example\nobjectClass: VirtualDomain\nvd: aged.example\naccountActive: TRUE\ndelete: FALSE\nlastChange: 1\n\n";
        for (int i = 0; i < size; ++i) {
            ldap::entry e = entries::mailbox(layout(ldap::dn::parse("dc=old,dc=example")), user(i), domain_name::parse("aged.example"));
            e.set("expireDate", any_end());
            e.set("accountActive", below(4) == 0 ? "FALSE" : "TRUE");
            e.set("entryCSN", old.substr(0, 14) + fmt_csn(i));
            all += "dn: " + e.dn().text() + '\n';
            for (const auto& a : e.attributes())
                for (const auto& v : a.values) all += a.name + ": " + v + '\n';
            all += '\n';
        }
        return all;
    }
    static std::string fmt_csn(int i) {
        std::string number = std::to_string(i);
        return '.' + std::string(6 - number.size(), '0') + number + "Z#000000#000#000000";
    }

    std::mt19937 random_;
    timestamp now_ = timestamp::now();
    private_server server_;
};

/// What a plan would do, and what it complains of.
std::vector<std::string> found_by(const expiry_plan& p) {
    std::vector<std::string> all;
    for (const auto& c : p.plan.changes) all.push_back(c.subject);
    for (const auto& m : p.malformed) all.push_back(m.sentence);
    std::sort(all.begin(), all.end());
    return all;
}

} // namespace

TEST_CASE("what a run remembers finds what a look at everything finds, whatever others did meanwhile") {
    for (const unsigned seed : {1U, 2U, 3U}) {
        CAPTURE(seed);
        aged_tree tree(seed);
        ldap::session s(tree.options());
        directory d(s, {.site = site_of("dc=old,dc=example")});
        scratch_directory scratch;
        const auto file = scratch.path() / "state" / "memory";
        const auto set = [&](const ldap::dn& dn, const std::string& name, const std::string& value) {
            s.modify(ldap::modify_request{.dn = dn, .changes = {{ldap::change::replace, name, {value}}}});
        };
        std::size_t by_changes = 0, looked_at = 0;
        // From six days ago on, so that all that was changed before this test began is older than what a look asks for.
        for (int step = 0; step < 24; ++step) {
            expiry_options all{.as_of = timestamp(tree.now().instant() - hours(24 * 6 - step * 5))}, some = all;
            some.keeps_memory = true;
            some.memory = expiry_memory::read(file);
            const auto whole = plan_expiry(d, all), part = plan_expiry(d, some);
            CHECK(found_by(part) == found_by(whole));
            REQUIRE(part.memory);
            part.memory->write(file);
            if (part.how == expiry_search::changes) ++by_changes, looked_at += part.dated;
            if (step % 3 == 0) vmail::run(d, part.plan, {.max_changes = unlimited_changes});
            for (int n = tree.below(6); n > 0; --n) {
                const auto dn = d.site().layout.mailbox(address::make(tree.user(tree.any_user()), domain_name::parse("aged.example")));
                if (tree.below(8) == 0) s.remove(ldap::delete_request{.dn = dn});
                else if (tree.below(2) == 0) set(dn, "accountActive", tree.below(2) == 0 ? "TRUE" : "FALSE");
                else set(dn, "expireDate", tree.any_end());
            }
        }
        CHECK(by_changes == 23);
        CHECK(looked_at < by_changes * aged_tree::size / 3);
    }
}

TEST_CASE("what is remembered serves the state of the directory that it is about, for a week") {
    aged_tree tree(7);
    ldap::session s(tree.options());
    directory d(s, {.site = site_of("dc=old,dc=example")});
    const auto at = [&](int day) { return timestamp(tree.now().instant() + hours(24 * day)); };
    const auto how = [&](const std::optional<expiry_memory>& m, int day) { return plan_expiry(d, {.as_of = at(day), .keeps_memory = true, .memory = m}).how; };
    const auto first = plan_expiry(d, {.as_of = at(0), .keeps_memory = true});
    CHECK(first.how == expiry_search::range);
    CHECK(how(first.memory, 0) == expiry_search::changes);
    CHECK(how(first.memory, 7) == expiry_search::changes);

    CHECK_MESSAGE(how(first.memory, 8) == expiry_search::range, "after a week");
    CHECK_MESSAGE(how(first.memory, -1) == expiry_search::range, "a clock that was set back");
    CHECK_MESSAGE(how(expiry_memory("another tree", at(0)), 1) == expiry_search::range, "of another tree");
    auto later = *first.memory;
    ldap::entry changed(d.site().layout.container());
    changed.set("entryUUID", "00000000-0000-0000-0000-000000000000");
    changed.set("entryCSN", timestamp(tree.now().instant() + hours(1)).generalized().substr(0, 14) + ".000000Z#000000#000#000000");
    later.saw(changed);
    CHECK_MESSAGE(how(later, 1) == expiry_search::range, "an entry that was newer is not there: the server holds an older state");
}

TEST_CASE("where nobody ends for a long time the next run does not look at all either") {
    aged_tree tree(7);
    ldap::session s(tree.options());
    directory d(s, {.site = site_of("dc=old,dc=example")});
    const timestamp long_ago = timestamp::parse_digits("19710101000000");
    const auto first = plan_expiry(d, {.as_of = long_ago, .keeps_memory = true});
    REQUIRE(first.memory);
    REQUIRE(first.memory->ahead(long_ago) == 0);
    CHECK(plan_expiry(d, {.as_of = long_ago, .keeps_memory = true, .memory = first.memory}).how == expiry_search::changes);
}

TEST_CASE("a memory is whole or none") {
    scratch_directory scratch;
    const auto file = scratch.path() / "memory";
    CHECK_FALSE(expiry_memory::read(file));
    expiry_memory m("tree", today);
    ldap::entry e(ldap::dn::parse("mail=a@b.example"));
    e.set("entryUUID", "7b2f");
    e.set("entryCSN", "20260601000000.000000Z#000000#000#000000");
    m.note(e, timestamp::parse_digits(future));
    e.set("entryUUID", "8c3a");
    m.note(e, std::nullopt);
    m.write(file);
    CHECK(*expiry_memory::read(file) == m);

    const auto text = vmail::tools::read_file(file);
    for (std::size_t cut = 0; cut < text.size(); ++cut) {
        CAPTURE(cut);
        vmail::tools::write_file(file, text.substr(0, cut));
        // Without its last line end alone nothing is missing.
        CHECK(expiry_memory::read(file).has_value() == (cut + 1 == text.size()));
    }
}

TEST_CASE("a clock that can hardly be right is refused") {
    here w;
    w.add("somebody", future);
    const auto now = timestamp::now();
    const auto look = [&](int hours_off, std::optional<int> last_hours_ago = {}) {
        const timestamp clock(now.instant() + hours(hours_off));
        require_plausible_clock(w.d, clock, last_hours_ago ? std::optional(timestamp(clock.instant() - hours(*last_hours_ago))) : std::nullopt, hours(240));
    };
    CHECK_NOTHROW(look(0));
    CHECK_NOTHROW(look(1000));
    CHECK_NOTHROW(look(0, 240));
    CHECK_THROWS_AS(look(-1), limit_exceeded);    // the mailbox was made after that
    CHECK_THROWS_AS(look(0, 241), limit_exceeded);
    CHECK_THROWS_AS(look(0, -1), limit_exceeded); // the last run was after that
}
