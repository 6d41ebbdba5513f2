#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/ldap/subschema.hpp>

using vmail::ldap::entry;
using vmail::ldap::subschema;

namespace {

/// As slapd 2.5 writes them, and some that no server should write.
subschema make() {
    entry e;
    e.set("attributeTypes",
          std::vector<std::string>{
              "( 2.5.4.41 NAME 'name' DESC 'x' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15{32768} )",
              "( 2.5.4.3 NAME ( 'cn' 'commonName' ) DESC 'x' SUP name )",
              "( 1.3.6.1.4.1.22339.1.1.26 NAME 'expireDate' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27{14} SINGLE-VALUE )",
              "( 1.3.6.1.4.1.22339.1.1.3 NAME 'lastChange' SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )",
              "( 2.5.18.1 NAME 'createTimestamp' EQUALITY generalizedTimeMatch ORDERING generalizedTimeOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 SINGLE-VALUE "
              "NO-USER-MODIFICATION USAGE directoryOperation )",
              "( 1.2.3.1 NAME 'myTime' SUP createTimestamp )",
              "( 1.2.3.2 NAME 'byOid' SUP 2.5.18.1 )",
              "( 1.2.3.3 NAME 'loopA' SUP loopB )",
              "( 1.2.3.4 NAME 'loopB' SUP loopA )",
              "( 1.2.3.5 NAME 'self' SUP self )",
              "( 1.2.3.6 NAME 'orphan' SUP nowhere )",
              "garbage",
              "",
              "( 1.2.3.7 NAME 'unfinished",
              std::string("( 1.2.3.8 NAME 'nul' )\0 rest", 28),
          });
    e.set("objectClasses", std::vector<std::string>{"( 1.3.6.1.4.1.22339.2.2.1 NAME 'Vacation' DESC 'x' SUP top AUXILIARY MUST vacationActive )", "( garbage"});
    return subschema(e);
}

} // namespace

TEST_CASE("attribute types are found by any name, by OID, in any case, with options") {
    const auto s = make();
    for (const auto name : {"cn", "CN", "commonName", "COMMONNAME", "2.5.4.3", "cn;lang-it"}) {
        CAPTURE(name);
        CHECK(s.has_attribute(name));
        CHECK(s.oid(name) == "2.5.4.3");
    }
    for (const auto name : {"", "c", "cnn", "2.5.4", "garbage", "unfinished", "nul", "Vacation"}) {
        CAPTURE(name);
        CHECK_FALSE(s.has_attribute(name));
    }
    CHECK(s.oid("nowhere").empty());
}

TEST_CASE("object classes are found by name and OID") {
    const auto s = make();
    CHECK(s.has_class("vacation"));
    CHECK(s.has_class("1.3.6.1.4.1.22339.2.2.1"));
    CHECK(s.oid("VACATION") == "1.3.6.1.4.1.22339.2.2.1");
    CHECK_FALSE(s.has_class("cn"));
    CHECK_FALSE(s.has_class("garbage"));
}

TEST_CASE("matching rules come through inheritance, and a loop ends") {
    const auto s = make();
    struct {
        const char* name;
        bool equality, ordering, single;
    } const rows[] = {
        {"name", true, false, false},       {"cn", true, false, false},   {"expireDate", true, false, true}, {"lastChange", false, false, true},
        {"createTimestamp", true, true, true}, {"myTime", true, true, false}, {"byOid", true, true, false},     {"loopA", false, false, false},
        {"self", false, false, false},      {"orphan", false, false, false}, {"nowhere", false, false, false},
    };
    for (const auto& row : rows) {
        CAPTURE(row.name);
        CHECK(s.has_equality(row.name) == row.equality);
        CHECK(s.has_ordering(row.name) == row.ordering);
        CHECK(s.single_valued(row.name) == row.single);
    }
}

TEST_CASE("an entry without schema knows nothing") {
    const subschema s{entry()};
    CHECK_FALSE(s.has_attribute("cn"));
    CHECK_FALSE(s.has_class("top"));
}
