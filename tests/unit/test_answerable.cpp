#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/error.hpp>
#include <vmail/ldap/answerable.hpp>

using vmail::invalid_value;
using vmail::ldap::entry;
using vmail::ldap::filter;
using vmail::ldap::require_answerable;
using vmail::ldap::subschema;

namespace {

/// As slapd 2.5 writes them.
entry definitions() {
    entry e;
    e.set("attributeTypes",
          std::vector<std::string>{
              "( 2.5.4.0 NAME 'objectClass' EQUALITY objectIdentifierMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.38 )",
              "( 2.5.4.41 NAME 'name' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15{32768} )",
              "( 2.5.4.3 NAME ( 'cn' 'commonName' ) SUP name )",
              "( 0.9.2342.19200300.100.1.3 NAME 'mail' EQUALITY caseIgnoreIA5Match SUBSTR caseIgnoreIA5SubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 )",
              "( 1.2.3.1 NAME 'quota' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )",
              "( 1.2.3.2 NAME 'bare' SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 )",
              "( 1.2.3.3 NAME 'active' EQUALITY booleanMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.7 )",
              "( 2.5.18.1 NAME 'createTimestamp' EQUALITY generalizedTimeMatch ORDERING generalizedTimeOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 )",
              "( 1.3.6.1.1.16.4 NAME 'entryUUID' EQUALITY UUIDMatch ORDERING UUIDOrderingMatch SYNTAX 1.3.6.1.1.16.1 )",
              "( 2.5.18.3 NAME 'creatorsName' EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 )",
          });
    e.set("objectClasses", std::vector<std::string>{"( 2.5.6.6 NAME 'person' SUP top STRUCTURAL MUST cn )"});
    return e;
}

entry with_rules() {
    entry e = definitions();
    e.set("matchingRules", std::vector<std::string>{"( 2.5.13.5 NAME 'caseExactMatch' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
                                                    "( 2.5.13.14 NAME 'integerMatch' SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 )"});
    e.set("matchingRuleUse", std::vector<std::string>{"( 2.5.13.5 NAME 'caseExactMatch' APPLIES ( name $ cn ) )"});
    return e;
}

} // namespace

TEST_CASE("a filter that the server can answer passes, in whatever way it is written") {
    const subschema known{with_rules()};
    for (const auto text : {"(mail=bob@example.org)", "(MAIL=*)", "(commonName=Bob)", "(2.5.4.3=Bob)", "(cn;lang-it=Bob)", "(cn;lang-it=*B*b*)", "(cn~=Bob)", "(quota=12)",
                            "(quota=-1)", "(bare=*)", "(active=TRUE)", "(createTimestamp>=20260101000000Z)", "(createTimestamp<=2026010100+0100)",
                            "(createTimestamp>=20260101000000.5Z)", "(entryUUID>=8d6b0a1e-5f6c-1040-8d0e-2f0f0a0b0c0d)", "(creatorsName=cn=x,o=y)", "(objectClass=person)",
                            "(objectClass=2.5.6.6)", "(cn:=Bob)", "(cn:caseExactMatch:=Bob)", "(cn:dn:2.5.13.5:=Bob)", "(:dn:caseExactMatch:=Bob)", "(&)", "(|)",
                            "(&(cn=a\\29\\28\\2a)(!(|(mail=*@x)(active=FALSE))))", "(cn=\\28nosuch=x\\29)", "(mail=)", "(quota:integerMatch:=5)"}) {
        CAPTURE(text);
        CHECK_NOTHROW(require_answerable(filter::parse(text), known));
    }
}

TEST_CASE("a filter that would find nothing is refused, and the sentence names the part and why") {
    const subschema known{with_rules()};
    const struct {
        const char *filter, *part, *why;
    } rows[] = {
        {"(nosuch=x)", "(nosuch=x)", "no attribute nosuch"},
        {"nosuch=*", "(nosuch=*)", "no attribute nosuch"},
        {"(&(mail=*)(|(cn=x)(!(nosuch;lang-it=x))))", "(nosuch;lang-it=x)", "no attribute"},
        {"(1.2.3.99=x)", "(1.2.3.99=x)", "no attribute 1.2.3.99"},
        {"(quota>=1)", "(quota>=1)", "quota has no rule for ordering"},
        {"(!(quota<=1))", "(quota<=1)", "no rule for ordering"},
        {"(cn>=a)", "(cn>=a)", "no rule for ordering"},
        {"(quota=1*)", "(quota=1*)", "no rule for substrings"},
        {"(bare=1)", "(bare=1)", "no rule for equality"},
        {"(bare~=1)", "(bare~=1)", "no rule for equality"},
        {"(bare:=1)", "(bare:=1)", "no rule for equality"},
        {"(quota=many)", "(quota=many)", "a whole number"},
        {"(quota=01)", "(quota=01)", "a whole number"},
        {"(quota=)", "(quota=)", "a whole number"},
        {"(active=true)", "(active=true)", "TRUE or FALSE"},
        {"(createTimestamp>=2026)", "(createTimestamp>=2026)", "a moment"},
        {"(createTimestamp>=20260101000000)", "20260101000000)", "a moment"},
        {"(entryUUID=1)", "(entryUUID=1)", "a UUID"},
        {"(creatorsName=bob)", "(creatorsName=bob)", "a distinguished name"},
        {"(objectClass=VirtualMale)", "(objectClass=VirtualMale)", "no object class \"VirtualMale\""},
        {"(objectClass=mail)", "(objectClass=mail)", "no object class"},
        {"(objectClass=a b)", "(objectClass=a b)", "no object class"},
        {"(mail=m\xc3\xbcller@x)", "(mail=", "ASCII"},
        {"(mail=m\xc3\xbcller*)", "(mail=", "ASCII"},
        {"(cn=)", "(cn=)", "not empty"},
        {"(cn=\\ff)", "(cn=", "UTF-8"},
        {"(cn:noSuchMatch:=x)", "(cn:noSuchMatch:=x)", "no matching rule noSuchMatch"},
        {"(:1.2.3.4:=x)", "(:1.2.3.4:=x)", "no matching rule 1.2.3.4"},
        {"(nosuch:caseExactMatch:=x)", "(nosuch:caseExactMatch:=x)", "no attribute nosuch"},
        {"(mail:caseExactMatch:=x)", "(mail:caseExactMatch:=x)", "caseExactMatch is no rule for mail"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.filter);
        try {
            require_answerable(filter::parse(row.filter), known);
            FAIL_CHECK("not refused");
        } catch (const invalid_value& e) {
            CAPTURE(e.what());
            CHECK(std::string(e.what()).find(row.part) != std::string::npos);
            CHECK(std::string(e.what()).find(row.why) != std::string::npos);
        }
    }
}

TEST_CASE("a server that tells nothing of its schema, or nothing of its matching rules, is not judged by that") {
    CHECK_NOTHROW(require_answerable(filter::parse("(nosuch>=x)"), subschema{entry()}));
    CHECK_NOTHROW(require_answerable(filter::parse("(cn:noSuchMatch:=x)"), subschema{definitions()}));
}
