#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <fmt/format.h>

#include "nis_case.hpp"

using nis_case::convert;
using nis_case::values;

namespace {

const std::string passwd = "ada:abJnggxhB/yWI:1001:100::/home/ada:/bin/sh\n"
                           "bob:abJnggxhB/yWI:1002:100::/home/bob:/bin/sh\n"
                           "Cy:abJnggxhB/yWI:1003:100::/home/cy:/bin/sh\n";

/// "-" for an alias without an entry.
std::string drops(const nis_case::outcome& out, const std::string& mail) {
    const auto* e = out.with_mail(mail);
    return e && e->has_class("VirtualMailAlias") ? values(e, "maildrop") : "-";
}

struct row {
    std::string map;
    std::string codes;
    std::string targets; ///< of l@example.org
};

void check(const std::vector<row>& rows, const vmail::nis::options& o = nis_case::default_options()) {
    for (const row& r : rows) {
        CAPTURE(r.map);
        const auto out = convert({.passwd = passwd, .aliases = r.map + "\n"}, o);
        CHECK(out.codes() == r.codes);
        CHECK(drops(out, "l@example.org") == r.targets);
    }
}

const std::string ada = "ada@example.org";
const std::string bob = "bob@example.org";
const std::string both = ada + "|" + bob;

} // namespace

TEST_CASE("targets of an alias") {
    check({
        {"l: ada", "", ada},
        {"l:ada", "", ada},
        {"l : ada", "", ada},
        {"l:\tada ,bob", "", both},
        {"l: ada,,bob,", "", both},
        {"l: ada,\n  bob", "", both},
        {"l: ada\r\n\t,bob\r", "", both},
        {"l: x@example.net", "", "x@example.net"},
        {"l: x@example.net, X@Example.NET", "", "x@example.net"},
        {"l: ada, ADA, ada@example.org, ada@localhost", "", ada},
        {"l: CY", "", "Cy@example.org"},
        {"l: ada+lists", "", ada},
        {"l: <ada>", "", ada},
        {"l: Ada Bressan <ada@example.org>", "", ada},
        {"l: \"Bressan, Ada\" <ada>, bob", "", both},
        {"l: ada (Ada (the first), of all), bob", "", both},
        {"l: (nobody) ada", "", ada},
        {"l: \"q, q\"@example.net, ada", "", "\"q, q\"@example.net|" + ada},
        {"l: c#dev@example.net", "", "c#dev@example.net"},
        {"l: \"joe#1\"@example.net", "", "joe#1@example.net"},
        {"l: m\nm: ada", "", "m@example.org"},
        {"l: \\ada", "", ada},
        {"l: ada, \\m\nm: bob", "", ada + "|m@example.org"},
        {"l: \\ada+lists", "", ada},
        {"l: \"ada\"", "", ada},
        // best readings
        {"l: ada bob", "aliases:1=blank-separated", both},
        {"l: ada\n bob", "aliases:1-2=blank-separated", both},
        {"l: ada # not bob", "aliases:1=hash-comment", ada},
        {"l: ada, # first\n bob # second", "aliases:1-2=hash-comment", both},
        {"l: Team: ada, bob;", "aliases:1=group-syntax", both},
        {"l: <@relay.example.net:x@example.net>", "aliases:1=source-route", "x@example.net"},
        {"l: @relay.example.net:x@example.net", "aliases:1=source-route", "x@example.net"},
        // left out
        {"l: ada, |/bin/prog", "aliases:1=program-target", ada},
        {"l: \"|/bin/prog -a 'x, y'\", ada", "aliases:1=program-target", ada},
        {"l: ada, /var/spool/l", "aliases:1=file-target", ada},
        {"l: ada, \"/var/spool/a b\"", "aliases:1=file-target", ada},
        {"l: ada, :include:/lists/l", "aliases:1=include-target", ada},
        {"l: ada, \":include:/lists/l\"", "aliases:1=include-target", ada},
        {"l: ada, error:5.1.1 gone away, sorry", "aliases:1=error-target", ada},
        // Exim delivers nothing to such a name
        {"l: :fail: Ada has left, ask bob", "aliases:1=refused-alias aliases:1=no-target", "-"},
        {"l: :fail: gone\n bob", "aliases:1-2=refused-alias aliases:1-2=no-target", "-"},
        {"l: :fail:", "aliases:1=refused-alias aliases:1=no-target", "-"},
        {"l: :defer: bob", "aliases:1=refused-alias aliases:1=no-target", "-"},
        {"l: :Blackhole:", "aliases:1=refused-alias aliases:1=no-target", "-"},
        {"l: :unknown:, bob", "aliases:1=refused-alias aliases:1=no-target", "-"},
        {"l: ada, :blackhole:, bob", "aliases:1=refused-alias aliases:1=no-target", "-"},
        {"l: \":fail: gone, ask bob\"", "aliases:1=refused-alias aliases:1=no-target", "-"},
        {"l: ada, :failure: bob", "aliases:1=group-syntax", both},
        {"l: ada, zoe", "aliases:1=unknown-target", ada},
        {"l: ada, host!user", "aliases:1=bang-path", ada},
        {"l: ada, host!user@example.net", "aliases:1=bang-path", ada},
        {"l: ada, user%host@example.net", "aliases:1=percent-hack", ada},
        {"l: ada, vall\xC3\xAC", "aliases:1=non-ascii-target", ada},
        {"l: ada, vall\xEC@example.net", "aliases:1=converted aliases:1=non-ascii-target", ada},
        {"l: ada, x@@example.net", "aliases:1=bad-target", ada},
        {"l: ada, x@host", "aliases:1=bad-target", ada},
        {"l: ada, @example.net", "aliases:1=bad-target", ada},
        {"l: ada, <>", "aliases:1=bad-target", ada},
        {"l: ada, \"open", "aliases:1=bad-target", ada},
        // nothing is left
        {"l: |/bin/prog", "aliases:1=program-target aliases:1=no-target", "-"},
        {"l: /dev/null", "aliases:1=file-target aliases:1=no-target", "-"},
        {"l: zoe", "aliases:1=unknown-target aliases:1=no-target", "-"},
        {"l: m\nm: zoe", "aliases:1=no-target aliases:2=unknown-target aliases:2=no-target", "-"},
        {"l: ada, m\nm: zoe", "aliases:1=unknown-target aliases:2=unknown-target aliases:2=no-target", ada},
        // loops
        {"l: l", "aliases:1=loop-only", "-"},
        {"l: l, ada", "aliases:1=loop", ada},
        {"l: m\nm: l", "aliases:1=loop-only aliases:2=loop-only", "-"},
        {"l: m, ada\nm: l", "aliases:1=loop", ada},
        {"l: ada, m\nm: bob, l", "aliases:1=loop aliases:2=loop", both},
        {"m: ada, l\nl: bob, m", "aliases:1=loop aliases:2=loop", "m@example.org"},
        {"l: m, zoe\nm: l, ada", "aliases:1=unknown-target aliases:1=loop aliases:2=loop", ada},
    });
}

TEST_CASE("names of an alias") {
    check({
        {"l@example.org: ada", "aliases:1=name-with-domain", ada},
        {"L@EXAMPLE.ORG: ada", "aliases:1=name-with-domain", ada},
        {"\"l\": ada", "", ada},
        {"l@example.net: ada", "aliases:1=foreign-domain", "-"},
        {"l@: ada", "aliases:1=bad-name", "-"},
        {"l", "aliases:1=no-colon", "-"},
        {"l ada", "aliases:1=no-colon", "-"},
        {"l:", "aliases:1=no-value", "-"},
        {"l:   ", "aliases:1=no-value", "-"},
        {"l: # later", "aliases:1=no-value", "-"},
        {"l: ,", "aliases:1=no-value", "-"},
        {": ada", "aliases:1=bad-name", "-"},
        {"*: ada", "aliases:1=bad-name", "-"},
        {"a b: ada", "aliases:1=bad-name", "-"},
        {"+:+", "aliases:1=compat", "-"},
        {"+ : +", "aliases:1=compat", "-"},
        {std::string(65, 'l') + ": ada", "aliases:1=bad-name", "-"},
        {"l\xC3\xA0: ada", "aliases:1=bad-name", "-"},
        {"  goes on", "aliases:1=leading-continuation", "-"},
        {"# comment\n\n  goes on\nl: ada", "aliases:3=leading-continuation", ada},
    });
    const auto room = convert({.passwd = passwd, .aliases = "\"sala riunioni\": ada\nl: \"sala riunioni\"\n"});
    CHECK(room.codes().empty());
    CHECK(drops(room, "\"sala riunioni\"@example.org") == ada);
    CHECK(drops(room, "l@example.org") == "\"sala riunioni\"@example.org");
    CHECK(drops(convert({.passwd = passwd, .aliases = "l..m: ada\n"}), "\"l..m\"@example.org") == ada);
    const auto longest = convert({.passwd = passwd, .aliases = std::string(64, 'l') + ": ada\n"});
    CHECK(longest.codes().empty());
}

TEST_CASE("what goes on, and what the readers do not agree on") {
    check({
        {"l: ada,\n# not now\n  bob", "aliases:3=continued-after-gap", both},
        {"l: ada,\n\n  bob", "aliases:3=continued-after-gap", both},
        {"l: ada,\n  # not now\n  bob", "aliases:3=continued-after-gap", both},
        {"l: ada, \\\nbob", "aliases:1=backslash-newline", both},
        {"l: ada\\\nm: bob", "aliases:1=backslash-newline", ada},
        {"l: ada\n\nm: bob", "", ada},
    });
    auto sendmail = nis_case::default_options();
    sendmail.dialect = vmail::nis::dialect::sendmail;
    check({{"l: ada, \\\nbob", "aliases:1=backslash-newline", both}}, sendmail);
}

TEST_CASE("what Sendmail reads in another way") {
    auto sendmail = nis_case::default_options();
    sendmail.dialect = vmail::nis::dialect::sendmail;
    check({{"l: ada, \\m\nm: bob", "aliases:1=unknown-target", ada}, // past the forward there is no alias
           {"l@example.org: ada", "", ada}},
          sendmail);
}

TEST_CASE("what is too long for Sendmail is converted and said") {
    auto sendmail = nis_case::default_options();
    sendmail.dialect = vmail::nis::dialect::sendmail;
    std::string list = "l: ada,\n ";
    list.resize(8190 - std::string("bob").size(), ' ');
    CHECK(convert({.passwd = passwd, .aliases = list + "bob\n"}, sendmail).codes().empty());
    const auto longer = convert({.passwd = passwd, .aliases = list + " bob\n"}, sendmail);
    CHECK(longer.codes() == "aliases:1-2=long-definition");
    CHECK(drops(longer, "l@example.org") == both);
    CHECK(convert({.passwd = passwd, .aliases = list + " bob\n"}).codes().empty());
}

TEST_CASE("of two definitions the dialect says which counts") {
    const std::string map = "l: ada\nL: bob";
    check({{map, "aliases:2=duplicate-alias", ada}});
    auto sendmail = nis_case::default_options();
    sendmail.dialect = vmail::nis::dialect::sendmail;
    check({{map, "aliases:1=duplicate-alias", bob}}, sendmail);
    CHECK(convert({.passwd = passwd, .aliases = map}).counts("aliases") == "2=0+1+1+0");
}

TEST_CASE("an alias named like a login is that account's forward") {
    struct forward_row {
        std::string map, codes, active, targets, counts;
    };
    const std::vector<forward_row> rows = {
        {"ada: x@example.net", "aliases:1=forward-outside", "TRUE", "x@example.net", "1=0+0+1+0"},
        {"ADA: x@example.net", "aliases:1=forward-outside", "TRUE", "x@example.net", "1=0+0+1+0"},
        {"ada: bob", "aliases:1=forward-local", "TRUE", bob, "1=0+0+1+0"},
        {"ada: \\ada, x@example.net", "aliases:1=kept-copy", "TRUE", ada + "|x@example.net", "1=0+0+1+0"},
        {"ada: ada, x@example.net", "aliases:1=kept-copy", "TRUE", ada + "|x@example.net", "1=0+0+1+0"},
        {"ada: ada", "", "FALSE", "-", "1=0+0+1+0"},
        {"ada: \\ada", "", "FALSE", "-", "1=0+0+1+0"},
        {"ada: \\ada, \"|vacation ada\"", "aliases:1=vacation-program", "FALSE", "-", "1=0+0+1+0"},
        {"ada: |prog", "aliases:1=program-target aliases:1=no-target", "FALSE", "-", "1=0+0+0+1"},
        {"ada: bob\nbob: ada", "aliases:1=loop-only aliases:2=loop-only", "FALSE", "-", "2=0+0+0+2"},
        // Sendmail ends such a loop in the mailbox where it began.
        {"ada: bob\nbob: ada, x@example.net", "aliases:1=loop aliases:1=kept-copy aliases:2=loop aliases:2=kept-copy", "TRUE", ada + "|x@example.net",
         "2=0+0+2+0"},
        {"ada: \\ada, bob\nbob: \\bob, ada", "aliases:1=kept-copy aliases:2=kept-copy", "TRUE", both, "2=0+0+2+0"},
        {"ada: \\ada, l\nl: ada, x@example.net", "aliases:1=loop aliases:1=kept-copy aliases:2=loop", "TRUE", ada + "|x@example.net", "2=0+1+1+0"},
        {"l: \\ada\nada: x@example.net", "aliases:1=forward-bypassed aliases:2=forward-outside", "TRUE", "x@example.net", "2=0+1+1+0"},
        {"l: ada, \\ada\nada: x@example.net", "aliases:1=forward-bypassed aliases:2=forward-outside", "TRUE", "x@example.net", "2=0+1+1+0"},
        {"ada: l\nl: ada, bob", "aliases:1=loop aliases:1=kept-copy aliases:2=loop", "TRUE", both, "2=0+1+1+0"},
        {"ada: bob\nbob: |prog", "aliases:1=forward-local aliases:2=program-target aliases:2=no-target", "TRUE", bob, "2=0+0+1+1"},
    };
    for (const forward_row& r : rows) {
        CAPTURE(r.map);
        const auto out = convert({.passwd = passwd, .aliases = r.map + "\n"});
        CHECK(out.codes() == r.codes);
        CHECK(values(out.account("ada"), "forwardActive") == r.active);
        CHECK(values(out.account("ada"), "maildrop") == r.targets);
        CHECK(out.counts("aliases") == r.counts);
    }
}

TEST_CASE("the map's postmaster and abuse are the domain's") {
    const auto out = convert({.passwd = passwd, .aliases = "postmaster: ada, bob\nabuse: postmaster\nMAILER-DAEMON: postmaster\n"});
    CHECK(out.codes().empty());
    const auto* postmaster = out.with_mail("postmaster@example.org");
    REQUIRE(postmaster);
    CHECK(postmaster->dn().text() == "cn=postmaster,vd=example.org,o=hosting,dc=example,dc=org");
    CHECK(values(postmaster, "maildrop") == both);
    CHECK(drops(out, "abuse@example.org") == "postmaster@example.org");
    CHECK(drops(out, "mailer-daemon@example.org") == "postmaster@example.org");
    const auto dead = convert({.passwd = passwd, .aliases = "postmaster: |prog\nl: postmaster\n"});
    CHECK(drops(dead, "postmaster@example.org") == "postmaster@localhost");
    auto o = nis_case::default_options();
    o.with_domain = false;
    const auto without = convert({.passwd = passwd, .aliases = "postmaster: ada\nl: postmaster\n"}, o);
    CHECK(without.codes() == "aliases:1=made-with-domain");
    CHECK_FALSE(without.with_mail("postmaster@example.org"));
    CHECK(drops(without, "l@example.org") == "postmaster@example.org");
}

TEST_CASE("other names of this server are local when they are said to be") {
    auto o = nis_case::default_options();
    check({{"l: ada@mail.example.net", "", "ada@mail.example.net"}, {"l@mail.example.net: ada", "aliases:1=foreign-domain", "-"}}, o);
    o.local_domains = {"mail.example.net", "mailhost"};
    check({{"l: ada@mail.example.net", "", ada}, {"l: ada@MAILHOST", "", ada}, {"l@mailhost: ada", "aliases:1=name-with-domain", ada}}, o);
}

TEST_CASE("targets that nobody can check are kept when passwd was not given") {
    const auto out = convert({.aliases = "l: ada, m\nm: x@example.net\n"});
    CHECK(out.codes().empty());
    CHECK(drops(out, "l@example.org") == "ada@example.org|m@example.org");
}

TEST_CASE("a target whose line was skipped is named with that line") {
    const auto out = convert({.passwd = "zoe:x:bad:1:Zoe:/h:/bin/sh\n" + passwd, .aliases = "l: zoe, ada\n"});
    CHECK(out.codes() == "passwd:1=bad-uid aliases:1=unknown-target");
    CHECK(out.report.maps.back().findings().front().text.find("line 1 of passwd") != std::string::npos);
}

TEST_CASE("ypcat -k output of mail.aliases") {
    const auto out = convert({.passwd = passwd, .aliases = "YP_LAST_MODIFIED 0123\n@ @\nl ada,\t\tbob\nm ada\nn\no error:nouser: gone, x\n+ +\n"});
    CHECK(out.codes() == "aliases:5=no-value aliases:6=error-target aliases:6=no-target aliases:7=compat");
    CHECK(drops(out, "l@example.org") == both);
    CHECK(out.counts("aliases") == "7=2+2+0+3");
}

TEST_CASE("long chains, long loops and long lists are linear") {
    constexpr int size = 20000;
    std::string chain;
    std::string loop;
    std::string list = "l: ada";
    for (int i = 0; i < size; ++i) {
        chain += fmt::format("c{}: c{}\n", i, i + 1);
        loop += fmt::format("o{}: o{}\n", i, (i + 1) % size);
        list += fmt::format(", x{}@example.net", i);
    }
    chain += fmt::format("c{}: ada\n", size);
    const auto out = convert({.passwd = passwd, .aliases = chain + loop + list + "\n"});
    CHECK(out.counts("aliases") == "40002=0+20002+0+20000");
    CHECK(drops(out, "c0@example.org") == "c1@example.org");
    REQUIRE(out.with_mail("l@example.org"));
    CHECK(out.with_mail("l@example.org")->find("maildrop")->size() == size + 1);
    CHECK(out.codes().find("aliases:40002=big-list") != std::string::npos);
}

TEST_CASE("a list of exactly 1000 addresses is not too big") {
    std::string list = "l: x0@example.net";
    for (int i = 1; i < 1000; ++i) list += fmt::format(", x{}@example.net", i);
    CHECK(convert({.aliases = list + "\n"}).codes().empty());
    CHECK(convert({.aliases = list + "\nm: l\n"}).codes().empty());
    // twice the same 1000 through two lists is 2000 to Postfix
    CHECK(convert({.aliases = list + "\nm: l, n\nn: l\n"}).codes() == "aliases:2=big-list");
    CHECK(convert({.aliases = list + ", one-more@example.net\nm: l\n"}).codes() == "aliases:1=big-list aliases:2=big-list");
}
