#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/packed_entry.hpp>

using vmail::ldap::change;
using vmail::ldap::diff;
using vmail::ldap::dn;
using vmail::ldap::entry;
using vmail::ldap::modification;

namespace {

using values = std::vector<std::string>;

entry make(const std::vector<vmail::ldap::attribute>& attributes) {
    entry e(dn::parse("mail=bob@example.org,o=hosting"));
    for (const auto& a : attributes) e.set(a.name, a.values);
    return e;
}

} // namespace

TEST_CASE("attribute names are compared without regard to case and keep their spelling") {
    entry e;
    e.set("mailBox", "x");
    e.set("MAILBOX", "y");
    REQUIRE(e.attributes().size() == 1);
    CHECK(e.attributes().front().name == "mailBox");
    CHECK(e.first("mailbox") == "y");
    CHECK(e.has("Mailbox"));
    CHECK_FALSE(e.has("mail"));
    CHECK_FALSE(e.first("mail").has_value());
    CHECK(e.find("mail") == nullptr);
}

TEST_CASE("an attribute without values is not there") {
    entry e;
    e.set("a", values{});
    CHECK_FALSE(e.has("a"));
    e.set("a", "1");
    e.set("a", std::optional<std::string>());
    CHECK_FALSE(e.has("a"));
    e.set("a", values{"1", "2"});
    e.set("A", values{});
    CHECK(e.attributes().empty());
    e.erase("a");
    CHECK(e.attributes().empty());
}

TEST_CASE("values are bytes: a NUL does not end them and case counts") {
    entry e;
    const std::string value("a\0b", 3);
    e.set("a", value);
    CHECK(e.has_value("a", value));
    CHECK_FALSE(e.has_value("a", "a"));
    e.set("a", "X");
    CHECK_FALSE(e.has_value("a", "x"));
    CHECK_FALSE(e.has_value("b", "X"));
    e.set("a", "");
    CHECK(e.first("a") == "");
}

TEST_CASE("a value is added once") {
    entry e;
    e.add_value("maildrop", "a");
    e.add_value("Maildrop", "b");
    e.add_value("maildrop", "a");
    CHECK(*e.find("maildrop") == values{"a", "b"});
}

TEST_CASE("object classes are compared without regard to case") {
    entry e;
    e.add_class("top");
    e.add_class("VirtualMailAccount");
    e.add_class("VIRTUALMAILACCOUNT");
    CHECK(*e.find("objectclass") == values{"top", "VirtualMailAccount"});
    CHECK(e.has_class("virtualmailaccount"));
    e.remove_class("virtualMAILaccount");
    CHECK_FALSE(e.has_class("VirtualMailAccount"));
    e.remove_class("TOP");
    CHECK_FALSE(e.has("objectClass"));
    e.remove_class("TOP");
}

TEST_CASE("a difference is the changes that a server must make") {
    using m = std::vector<modification>;
    struct {
        std::string_view what;
        std::vector<vmail::ldap::attribute> before, after;
        m changes;
    } const rows[] = {
        {"nothing", {}, {}, {}},
        {"the same", {{"a", {"1"}}}, {{"A", {"1"}}}, {}},
        {"the same set in another order", {{"a", {"1", "2"}}}, {{"a", {"2", "1"}}}, {}},
        {"one value twice", {{"a", {"1"}}}, {{"a", {"1", "1"}}}, {}},
        {"a new attribute", {}, {{"a", {"2", "1", "2"}}}, {{change::add, "a", {"2", "1"}}}},
        {"an attribute gone", {{"a", {"1", "2"}}}, {}, {{change::remove, "a", {}}}},
        {"one value for another", {{"lastChange", {"1"}}}, {{"lastChange", {"2"}}}, {{change::replace, "lastChange", {"2"}}}},
        {"another case", {{"mail", {"A@x"}}}, {{"mail", {"a@x"}}}, {{change::replace, "mail", {"a@x"}}}},
        {"one more", {{"a", {"1"}}}, {{"a", {"1", "2"}}}, {{change::add, "a", {"2"}}}},
        {"one less", {{"a", {"1", "2"}}}, {{"a", {"2"}}}, {{change::remove, "a", {"1"}}}},
        {"one of two changes", {{"a", {"1", "2"}}}, {{"a", {"3", "2"}}}, {{change::remove, "a", {"1"}}, {change::add, "a", {"3"}}}},
        {"another case among several: the old one goes first", {{"a", {"A@x", "b"}}}, {{"a", {"a@x", "b"}}}, {{change::remove, "a", {"A@x"}}, {change::add, "a", {"a@x"}}}},
        {"all of several", {{"a", {"1", "2"}}}, {{"a", {"3"}}}, {{change::remove, "a", {"1", "2"}}, {change::add, "a", {"3"}}}},
        {"an empty value", {{"a", {"1"}}}, {{"a", {""}}}, {{change::replace, "a", {""}}}},
        {"a password where none was seen", {}, {{"userpassword", {"{x}1"}}}, {{change::replace, "userpassword", {"{x}1"}}}},
        {"a password for several", {{"userPassword", {"{x}1", "{x}2"}}}, {{"userPassword", {"{x}3"}}}, {{change::replace, "userPassword", {"{x}3"}}}},
        {"the same password", {{"userPassword", {"{x}1"}}}, {{"userPassword", {"{x}1"}}}, {}},
        {"classes in another case", {{"objectClass", {"top", "Vacation"}}}, {{"objectclass", {"VACATION", "TOP"}}}, {}},
        {"a class for a class", {{"objectClass", {"a"}}}, {{"objectClass", {"b"}}}, {{change::add, "objectClass", {"b"}}, {change::remove, "objectClass", {"a"}}}},
        {"classes come first and go last",
         {{"objectClass", {"top", "Vacation"}}, {"vacationActive", {"TRUE"}}},
         {{"forwardActive", {"TRUE"}}, {"objectClass", {"top", "VirtualForward"}}},
         {{change::add, "objectClass", {"VirtualForward"}}, {change::add, "forwardActive", {"TRUE"}}, {change::remove, "vacationActive", {}}, {change::remove, "objectClass", {"Vacation"}}}},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        const auto changes = diff(make(row.before), make(row.after));
        CHECK((changes == row.changes));
    }
}

TEST_CASE("the names of the entries are no part of the difference") {
    CHECK(diff(entry(dn::parse("cn=a")), entry(dn::parse("cn=b"))).empty());
}

TEST_CASE("a packed entry is the same when it is unpacked, whatever bytes are in it") {
    std::mt19937 random(4712);
    const auto some = [&](std::size_t most) {
        std::string text(random() % (most + 1), '\0');
        for (char& c : text) c = static_cast<char>(random() % 256);
        return text;
    };
    for (int n = 0; n < 500; ++n) {
        entry e(dn::parse("o=hosting,dc=example").child("vd", "a.org").child("mail", 'x' + some(40) + 'x'));
        for (std::size_t left = random() % 12; left > 0; --left) {
            std::vector<std::string> values(1 + random() % 4);
            for (std::string& v : values) v = some(300);
            e.set("name" + std::to_string(left), values);
        }
        const entry again = vmail::ldap::packed_entry(e).unpacked();
        REQUIRE(again.dn().rdns() == e.dn().rdns());
        REQUIRE(again.attributes().size() == e.attributes().size());
        for (std::size_t i = 0; i < e.attributes().size(); ++i) {
            REQUIRE(again.attributes()[i].name == e.attributes()[i].name);
            REQUIRE(again.attributes()[i].values == e.attributes()[i].values);
        }
    }
    CHECK(vmail::ldap::packed_entry(entry()).unpacked().dn().empty());
}
