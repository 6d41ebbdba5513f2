#include <string>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/error.hpp>
#include <vmail/ldap/access_log.hpp>
#include <vmail/ldap/session.hpp>

#include "entries.hpp"
#include "support/foreign_directory.hpp"
#include "support/test_directory.hpp"

using namespace vmail::ldap;
using entries::kind_of_failure;
using values = std::vector<std::string>;

namespace {

/// A record as slapd 2.5.13 writes it.
entry record(const std::string& type, const values& mod = {}, const values& old = {}) {
    entry e(dn::parse("reqStart=20261128135155.109294Z,cn=accesslog"));
    e.set("objectClass", "auditModify");
    e.set("reqStart", "20261128135155.109294Z");
    e.set("reqType", type);
    e.set("reqSession", "1001");
    e.set("reqAuthzID", "cn=mailctl,dc=example,dc=org");
    e.set("reqDN", "vd=one.test,o=hosting,dc=example,dc=org");
    e.set("reqResult", "0");
    e.set("reqMod", mod);
    e.set("reqOld", old);
    e.set("reqEntryUUID", "9ddd3452-7f7e-1041-921e-fbd6b8b76ff0");
    e.set("entryCSN", "20261128135155.999999Z#000000#000#000000");
    return e;
}

entry with(entry e, const std::string& name, const std::string& value) {
    e.set(name, value);
    return e;
}

entry without(entry e, const std::string& name) {
    e.erase(name);
    return e;
}

std::vector<recorded_modification> changes_of(const values& mod) {
    return std::get<recorded_modify>(access_record::from_entry(record("modify", mod)).change).changes;
}

std::string all_bytes() {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
    return bytes;
}

/// Of each kind of change one, made by the owner to a mailbox in a domain of its own.
struct recorded {
    session s{test_directory::shared().as_owner()};
    vmail::layout where = entries::layout_of(test_directory::shared().base());
    vmail::domain_name domain = unique_domain();
    dn log = dn::parse("cn=accesslog");
    entry rossi = entries::mailbox(where, "rossi", domain);
    dn bianchi = where.domain(domain).child("mail", "Bianchi@" + domain.text());
    std::string uuid, before;

    recorded() {
        REQUIRE(s.add(entries::domain(where, domain)).outcome == outcome::done);
        rossi.add_class("Vacation");
        rossi.set("vacationActive", "FALSE");
        rossi.set("vacationInfo", all_bytes());
        REQUIRE(s.add(rossi).outcome == outcome::done);
        const auto stored = s.get(rossi.dn(), {"entryUUID", "entryCSN"});
        uuid = *stored.first("entryUUID");
        before = *stored.first("entryCSN");
        REQUIRE(s.modify({rossi.dn(), {{change::replace, "vacationInfo", {" \n" + all_bytes() + " "}}, {change::add, "title", {"a", "b"}}}}).outcome == outcome::done);
        REQUIRE(s.rename({rossi.dn(), bianchi}).outcome == outcome::done);
        REQUIRE(s.remove({bianchi}).outcome == outcome::done);
    }

    std::vector<access_record> read(const access_log_query& query) {
        std::vector<access_record> found;
        const auto visited = for_each_access_record(
            s, log, query, [&](access_record&& r) { found.push_back(std::move(r)); }, [](unreadable_record&& r) { FAIL(r.name.text() << ": " << r.why); });
        CHECK(visited == found.size());
        return found;
    }
};

/// A branch of the tree that holds what looks like records.
dn branch_with(session& s, const std::string& name, const std::vector<entry>& records) {
    const auto branch = dn::parse(test_directory::shared().base()).child("ou", "admin").child("ou", name);
    entry unit(branch);
    unit.set("objectClass", "organizationalUnit");
    REQUIRE(s.add(unit).outcome == outcome::done);
    for (auto e : records) {
        e.set_dn(branch.child("reqStart", *e.first("reqStart")));
        e.erase("entryCSN");
        REQUIRE(s.add(e).outcome == outcome::done);
    }
    return branch;
}

} // namespace

TEST_CASE("modifications are what was sent, in its order and parts") {
    using m = std::vector<recorded_modification>;
    constexpr auto add = recorded_change::add;
    constexpr auto remove = recorded_change::remove;
    constexpr auto replace = recorded_change::replace;
    struct {
        std::string_view what;
        values texts;
        m changes;
    } const rows[] = {
        {"none", {}, {}},
        {"several values", {"a:+ 1", "a:+ 2"}, {{add, "a", {"1", "2"}}}},
        {"two of a kind, apart", {"a:+ 1", ":", "a:+ 2"}, {{add, "a", {"1"}}, {add, "a", {"2"}}}},
        {"two kinds", {"a:- 1", "a:+ 1"}, {{remove, "a", {"1"}}, {add, "a", {"1"}}}},
        {"two attributes", {"a:= 1", "b:= 1"}, {{replace, "a", {"1"}}, {replace, "b", {"1"}}}},
        {"all values", {"a:-", "b:="}, {{remove, "a", {}}, {replace, "b", {}}}},
        {"all values, then one", {"a:-", "a:- 1"}, {{remove, "a", {}}, {remove, "a", {"1"}}}},
        {"one value, then all", {"a:- 1", ":", "a:-"}, {{remove, "a", {"1"}}, {remove, "a", {}}}},
        {"a number", {"lastChange:# -3"}, {{recorded_change::increment, "lastChange", {"-3"}}}},
        {"an empty value", {"a:= "}, {{replace, "a", {""}}}},
        {"a value that looks like one", {"a:= b:+ c", "a:= :"}, {{replace, "a", {"b:+ c", ":"}}}},
        {"blanks and lines", {"a:=  x \n\n"}, {{replace, "a", {" x \n\n"}}}},
        {"an option and an OID", {"cn;lang-it:= x", "2.5.4.3:= x"}, {{replace, "cn;lang-it", {"x"}}, {replace, "2.5.4.3", {"x"}}}},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        CHECK((changes_of(row.texts) == row.changes));
    }
}

TEST_CASE("a value is its bytes, whichever they are") {
    for (int i = 0; i < 256; ++i) {
        CAPTURE(i);
        const std::string byte(1, static_cast<char>(i));
        for (const auto& value : {byte, byte + "x", "x" + byte, byte + byte}) {
            CHECK(changes_of({"a:+ " + value}).front().values == values{value});
            CHECK(*access_record::from_entry(record("modify", {}, {"a: " + value})).old.find("a") == values{value});
        }
    }
}

TEST_CASE("what was there before keeps each value, also of an attribute that may have one twice") {
    const auto r = access_record::from_entry(record("delete", {}, {"objectClass: top", "objectClass: x", "description: ", "n: 1", "n: 1"}));
    CHECK(std::holds_alternative<recorded_delete>(r.change));
    CHECK(r.old.dn() == r.target);
    CHECK(r.old.attributes().size() == 3);
    CHECK(*r.old.find("objectClass") == values{"top", "x"});
    CHECK(*r.old.find("description") == values{""});
    CHECK(*r.old.find("n") == values{"1", "1"});
}

TEST_CASE("who, when, which entry, and the version that the change made") {
    const auto r = access_record::from_entry(record("modify", {"cn:= x", "entryCSN:= 20261128135155.232368Z#000000#000#000000"}));
    CHECK(r.id == "20261128135155.109294Z");
    CHECK(r.target.text() == "vd=one.test,o=hosting,dc=example,dc=org");
    CHECK(r.entry_uuid == "9ddd3452-7f7e-1041-921e-fbd6b8b76ff0");
    CHECK(r.author == "cn=mailctl,dc=example,dc=org");
    CHECK(r.code == 0);
    CHECK(r.csn == "20261128135155.232368Z#000000#000#000000");
    CHECK(access_record::from_entry(record("delete")).csn == "20261128135155.999999Z#000000#000#000000");
    CHECK(access_record::from_entry(with(record("modify"), "reqResult", "50")).code == 50);
    CHECK(access_record::from_entry(without(without(record("modify"), "reqAuthzID"), "reqEntryUUID")).author == "");
}

TEST_CASE("a rename has the new name in the case in which it was given") {
    auto e = with(with(record("modrdn"), "reqNewRDN", "vd=Two.test"), "reqDeleteOldRDN", "TRUE");
    CHECK(std::get<recorded_rename>(access_record::from_entry(e).change).new_dn.text() == "vd=Two.test,o=hosting,dc=example,dc=org");
    CHECK_FALSE(std::get<recorded_rename>(access_record::from_entry(e).change).keep_old_value);
    e = with(with(e, "reqNewSuperior", "ou=x,dc=example,dc=org"), "reqDeleteOldRDN", "FALSE");
    CHECK(std::get<recorded_rename>(access_record::from_entry(e).change).new_dn.text() == "vd=Two.test,ou=x,dc=example,dc=org");
    CHECK(std::get<recorded_rename>(access_record::from_entry(e).change).keep_old_value);
    e = with(with(e, "reqNewRDN", "cn=a+uid=b"), "reqNewDN", "cn=a+uid=b,ou=x,dc=example,dc=org");
    CHECK(std::get<recorded_rename>(access_record::from_entry(e).change).new_dn.rdns().front().size() == 2);
}

TEST_CASE("what is no record of a write is refused, without a word of its values") {
    const auto rename = with(with(record("modrdn"), "reqNewRDN", "vd=two.test"), "reqDeleteOldRDN", "TRUE");
    const std::vector<entry> rows = {
        without(record("modify"), "reqStart"), with(record("modify"), "reqStart", "2026"), with(record("modify"), "reqStart", "20261128135155.10929"),
        with(record("modify"), "reqStart", "20261128135155.Z"), without(record("modify"), "reqDN"), with(record("modify"), "reqDN", "secret"),
        without(record("modify"), "reqType"), record("bind"), record("secret\x1b"), without(record("modify"), "reqResult"),
        with(record("modify"), "reqResult", "0x"), with(record("modify"), "reqResult", ""), with(record("modify"), "reqResult", "99999999999"),
        record("modify", {"secret"}), record("modify", {"a:"}), record("modify", {"a:? secret"}), record("modify", {"a:+"}), record("modify", {"a:#"}),
        record("modify", {"a:=secret"}), record("modify", {":= secret"}), record("modify", {"a b:= secret"}), record("modify", {""}),
        record("modify", {std::string("a\0b:= secret", 12)}), record("add", {"a:= secret"}), record("delete", {}, {"a"}), record("delete", {}, {"a:"}),
        record("delete", {}, {"a:secret"}), record("delete", {}, {": secret"}), without(rename, "reqNewRDN"), without(rename, "reqDeleteOldRDN"),
        with(rename, "reqDeleteOldRDN", "true"), with(rename, "reqNewRDN", "vd=a,vd=b"), with(rename, "reqNewRDN", ""),
        with(rename, "reqNewRDN", "cn=a+uid=b"), with(rename, "reqNewSuperior", "secret"),
    };
    for (std::size_t i = 0; i < rows.size(); ++i) {
        CAPTURE(i);
        CHECK(kind_of_failure([&] { access_record::from_entry(rows[i]); }) == vmail::error_kind::invalid_value);
    }
    for (const auto& e : {record("modify", {"userPassword:secret"}), record("delete", {}, {"userPassword:secret"})})
        CHECK_THROWS_WITH_AS(access_record::from_entry(e), doctest::Contains("value 1 of req"), vmail::invalid_value);
    CHECK_THROWS_WITH(access_record::from_entry(record("modify", {"a:= x", "userPassword:secret"})), "value 2 of reqMod does not say what was changed");
}

TEST_CASE("the log is found by those who may read it, and is not there for others") {
    auto& server = test_directory::shared();
    const auto hosting = dn::parse("o=hosting," + server.base());
    session owner(server.as_owner());
    session daemon(server.as_daemon());

    CHECK(find_access_log(owner, hosting) == dn::parse("cn=accesslog"));
    CHECK(find_access_log(owner, dn::parse(server.base())) == dn::parse("cn=accesslog"));
    CHECK_FALSE(find_access_log(owner, dn::parse("o=hosting,dc=elsewhere")));
    CHECK_FALSE(find_access_log(daemon, hosting));

    foreign_directory foreign;
    session service(foreign.as_service());
    CHECK_FALSE(find_access_log(service, dn::parse(foreign.base())));
}

TEST_CASE_FIXTURE(recorded, "an entry's whole life is told, byte for byte, whatever its name was") {
    const auto found = read({.entry_uuid = uuid});

    REQUIRE(found.size() == 4);
    for (std::size_t i = 0; i < found.size(); ++i) {
        CHECK(found[i].author == "cn=mailctl," + test_directory::shared().base());
        CHECK(found[i].code == 0);
        CHECK((i == 0 || found[i - 1].id < found[i].id));
        CHECK((i == 0 || found[i - 1].csn < found[i].csn));
    }
    const auto& added = std::get<recorded_add>(found[0].change).entry;
    CHECK(added.dn() == rossi.dn());
    for (const auto& a : rossi.attributes()) CHECK_MESSAGE(*added.find(a.name) == a.values, a.name);
    CHECK(found[0].csn == before);

    auto changes = std::get<recorded_modify>(found[1].change).changes;
    std::erase_if(changes, [](const recorded_modification& m) { return is_kept_by_server(m.attribute); });
    CHECK((changes == std::vector<recorded_modification>{{recorded_change::replace, "vacationInfo", {" \n" + all_bytes() + " "}},
                                                         {recorded_change::add, "title", {"a", "b"}}}));
    CHECK(*found[1].old.find("vacationInfo") == values{all_bytes()});
    CHECK(found[1].old.first("entryCSN") == before);
    CHECK_FALSE(found[1].old.has("title"));

    CHECK(std::get<recorded_rename>(found[2].change).new_dn.text() == bianchi.text());
    CHECK_FALSE(std::get<recorded_rename>(found[2].change).keep_old_value);

    CHECK(std::holds_alternative<recorded_delete>(found[3].change));
    CHECK(found[3].target == bianchi);
    CHECK(*found[3].old.find("title") == values{"a", "b"});
    CHECK(found[3].old.first("entryCSN") == found[2].csn);
}

TEST_CASE_FIXTURE(recorded, "records are found by name, by branch and by time") {
    const auto all = read({.entry_uuid = uuid});
    REQUIRE(all.size() == 4);

    CHECK(read({.target = rossi.dn()}).size() == 3);
    CHECK(read({.target = bianchi}).size() == 1);
    CHECK(read({.within = where.domain(domain)}).size() == 5);
    CHECK(read({.within = bianchi}).size() == 2);
    CHECK(read({.within = where.domain(unique_domain())}).empty());
    CHECK(read({.entry_uuid = uuid, .since = all[2].id}).size() == 2);
    CHECK(read({.target = rossi.dn(), .since = all[2].id}).size() == 1);
    CHECK(read({.entry_uuid = uuid, .since = all[0].id.substr(0, 14) + "Z"}).size() == 4);
    CHECK(read({.entry_uuid = uuid, .since = "29991231235959Z"}).empty());
    CHECK(kind_of_failure([&] { read({.since = "yesterday"}); }) == vmail::error_kind::invalid_value);
}

TEST_CASE("more records than a page are all told") {
    session s(test_directory::shared().as_owner());
    const auto where = entries::layout_of(test_directory::shared().base());
    const auto domain = unique_domain();
    REQUIRE(s.add(entries::domain(where, domain)).outcome == outcome::done);
    for (int i = 0; i < 700; ++i) REQUIRE(s.modify({where.domain(domain), {{change::replace, "maxMail", {std::to_string(i)}}}}).outcome == outcome::done);

    std::size_t told = 0;
    CHECK(for_each_access_record(s, dn::parse("cn=accesslog"), {.target = where.domain(domain)}, [&](access_record&&) { ++told; }, [](unreadable_record&&) {}) == 701);
    CHECK(told == 701);
}

TEST_CASE("a record that cannot be read is reported, and the others are told") {
    session s(test_directory::shared().as_owner());
    const auto good = record("modify", {"cn:= x"});
    const auto bad = with(record("modify", {"userPassword:secret"}), "reqStart", "20261128135156.000000Z");
    const auto read = with(record("bind"), "reqStart", "20261128135157.000000Z");
    const auto branch = branch_with(s, "records", {good, bad, with(read, "objectClass", "auditObject")});

    std::vector<access_record> told;
    std::vector<unreadable_record> reported;
    const auto count = for_each_access_record(
        s, branch, {}, [&](access_record&& r) { told.push_back(std::move(r)); }, [&](unreadable_record&& r) { reported.push_back(std::move(r)); });

    CHECK(count == 1);
    REQUIRE(told.size() == 1);
    CHECK(told[0].id == *good.first("reqStart"));
    REQUIRE(reported.size() == 1);
    CHECK(reported[0].name == branch.child("reqStart", *bad.first("reqStart")));
    CHECK(reported[0].why == "value 1 of reqMod does not say what was changed");
}

TEST_CASE("what a visitor throws is no fault of the record") {
    session s(test_directory::shared().as_owner());
    const auto branch = branch_with(s, "refused", {record("modify", {"cn:= x"})});

    CHECK_THROWS_WITH_AS(for_each_access_record(
                             s, branch, {}, [](access_record&&) { throw vmail::invalid_value("not mine"); }, [](unreadable_record&&) { FAIL("reported"); }),
                         "not mine", vmail::invalid_value);
}
