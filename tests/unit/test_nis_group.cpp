#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "nis_case.hpp"

using nis_case::convert;
using nis_case::values;

namespace {

const std::string passwd = "ada:abJnggxhB/yWI:1001:100:Ada Bressan:/home/ada:/bin/sh\nbob:abJnggxhB/yWI:1002:100:Bob Cok:/home/bob:/bin/sh\n";

} // namespace

TEST_CASE("a line of group is converted or skipped with a reason") {
    struct row {
        std::string line;
        std::string codes;
        std::string members; ///< of the group "staff"
    };
    const std::vector<row> rows = {
        {"staff:*:50:ada,bob", "", "ada|bob"},
        {"staff:*:50:", "", "-"},
        {"staff:*:50", "", "-"},
        {"staff:*:50: ada , bob ", "", "ada|bob"},
        {"staff:*:50:ada,,bob,", "", "ada|bob"},
        {"staff:*:50:ada,bob,ada", "", "ada|bob"},
        {"staff:*:50:ada,Ada", "group:1=unknown-member", "ada|Ada"},
        {"staff:*:50:staff,ada", "group:1=unknown-member", "staff|ada"},
        {"staff:*:50:zoe,ada,kim", "group:1=unknown-member", "zoe|ada|kim"},
        {"staff:*:50:nicol\xC3\xB2,ada", "group:1=member-dropped", "ada"},
        {"staff:*:050:ada", "group:1=number-rewritten", "ada"},
        {"staff:*: 50 :ada", "group:1=number-rewritten", "ada"},
        {"staff:*:0:ada", "", "ada"},
        {"staff:*::ada", "group:1=bad-gid", "no entry"},
        {"staff:*:-2:ada", "group:1=bad-gid", "no entry"},
        {"staff:*:5o:ada", "group:1=bad-gid", "no entry"},
        {"staff:*:4294967295:ada", "group:1=bad-gid", "no entry"},
        {":*:50:ada", "group:1=bad-group", "no entry"},
        {"universit\xE0:*:50:ada", "group:1=bad-group", "no entry"},
        {std::string(241, 'g') + ":*:50:ada", "group:1=bad-group", "no entry"},
        {"staff", "group:1=field-count", "no entry"},
        {"staff:*", "group:1=field-count", "no entry"},
        {"staff:*:50:ada:bob", "group:1=field-count", "no entry"},
        {"+:::", "group:1=compat", "no entry"},
        {"+:", "group:1=compat", "no entry"},
        {"# staff:*:50:ada", "", "no entry"},
        {"", "", "no entry"},
    };
    for (const row& r : rows) {
        CAPTURE(r.line);
        const auto out = convert({.passwd = passwd, .group = r.line + "\n"});
        CHECK(out.codes() == r.codes);
        CHECK(values(out.group("staff"), "memberUid") == r.members);
    }
}

TEST_CASE("a group password is kept unless there is none") {
    const auto password = [](const std::string& field) { return values(convert({.group = "staff:" + field + ":50:\n"}).group("staff"), "userPassword"); };
    CHECK(password("") == "-");
    CHECK(password("x") == "-");
    CHECK(password("*") == "{CRYPT}*");
    CHECK(password("abJnggxhB/yWI") == "{CRYPT}abJnggxhB/yWI");
    CHECK(password("{SSHA}AAECAwQFBgcICQoLDA0ODxAREhMUFRYX") == "{SSHA}AAECAwQFBgcICQoLDA0ODxAREhMUFRYX");
    for (const std::string field : {"secret", "{SSHA}abc", "{CLEARTEXT}secret"}) CHECK(password(field) == "-");
}

TEST_CASE("equal names are united, equal numbers are not") {
    const auto out = convert({.passwd = passwd, .group = "staff:*:50:ada\nstaff:*:51:bob,ada\nStaff:*:52:\nother:*:50:\n"});
    CHECK(out.codes() == "group:2=group-merged group:3=case-collision");
    CHECK(values(out.group("staff"), "memberUid") == "ada|bob");
    CHECK(values(out.group("staff"), "gidNumber") == "50");
    CHECK(values(out.group("other"), "gidNumber") == "50");
    CHECK(out.counts("group") == "4=0+2+1+1");
}

TEST_CASE("without passwd nobody knows the members") {
    const auto out = convert({.group = "staff:*:50:zoe\n"});
    CHECK(out.codes().empty());
    CHECK(out.group("staff")->dn().text() == "cn=staff,ou=groups,o=hosting,dc=example,dc=org");
}

TEST_CASE("a name with a comma is escaped in its DN") {
    const auto out = convert({.group = "a,b+c:*:50:\n"});
    REQUIRE(out.group("a,b+c"));
    CHECK(out.ldif.find("dn: cn=a\\2Cb\\2Bc,ou=groups") != std::string::npos);
}

TEST_CASE("ypcat -k output of group, by name and by number") {
    const auto out = convert({.passwd = passwd, .group = "staff staff:*:50:ada\n51 other:*:51:bob\n"});
    CHECK(out.codes().empty());
    CHECK(values(out.group("other"), "memberUid") == "bob");
}
