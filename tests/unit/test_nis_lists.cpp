#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <fmt/format.h>

#include <nis/list_programs.hpp>

#include "nis_case.hpp"

using nis_case::convert;
using nis_case::values;

namespace {

const std::string passwd = "ada:abJnggxhB/yWI:1001:100:Ada Bressan:/home/ada:/bin/sh\n"
                           "bob:abJnggxhB/yWI:1002:100::/home/bob:/bin/sh\n";
const std::string ada = "Ada.Bressan@example.org";
const std::string bob = "bob@example.org";

nis_case::outcome to_mailman(const std::string& aliases, const std::string& users = passwd) {
    auto o = nis_case::default_options();
    o.lists = vmail::nis::list_policy::mailman;
    o.lists_domain = "lists.example.org";
    return convert({.passwd = users, .aliases = aliases}, o);
}

/// The addresses of a file, joined by "|"; "-" when there is none.
std::string addresses(const nis_case::outcome& out, const std::string& file) {
    for (const auto& f : out.report.lists)
        if (f.name == file) {
            std::string all;
            for (const std::string& a : f.addresses) (all += all.empty() ? "" : "|") += a;
            return all;
        }
    return "-";
}

std::string drop(const nis_case::outcome& out, const std::string& local) { return values(out.with_mail(local + "@example.org"), "maildrop"); }

} // namespace

TEST_CASE("what is a list goes to the list server, and its members to a file") {
    struct row {
        std::string map, codes, target, members;
    };
    const std::string at_server = "l@lists.example.org";
    const std::string made = "aliases:1=list-made";
    const std::vector<row> rows = {
        {"l: ada, bob\n", made, at_server, ada + "|" + bob},
        {"L: ada, bob\n", made, at_server, ada + "|" + bob},
        {"l: ada, x@example.net, ADA@example.org\n", made, at_server, ada + "|x@example.net"},
        {"l: ada,\n  bob\n", "aliases:1-2=list-made", at_server, ada + "|" + bob},
        {"l: ada, zoe, bob\n", "aliases:1=unknown-target " + made, at_server, ada + "|" + bob},
        {"l: ada, m\nm: bob\n", made, at_server, ada + "|m@example.org"},
        {"l: ada, m\nm: bob, ada\n", "aliases:1=list-nested " + made + " aliases:2=list-made", at_server, ada + "|m@example.org"},
        {"l: ada, l\n", "aliases:1=loop " + made, at_server, ada},
        {"l: ada\nowner-l: bob\n", made, at_server, ada},
        {"l: ada\nl-request: bob\n", made + " aliases:2=list-collision", at_server, ada},
        {"l: zoe, kim\n", "aliases:1=unknown-target aliases:1=unknown-target " + made + " aliases:1=list-without-members", at_server, "-"},
        // no lists
        {"l: ada\n", "", ada, "-"},
        {"l: x@example.net\n", "", "x@example.net", "-"},
        {"root: ada, bob\nl: root\n", "", "root@example.org", "-"},
        {"\"a b\": ada, bob\nl: ada\n", "aliases:1=list-name", ada, "-"},
        // programs of list servers
        {"l: \"|/var/lib/mailman/mail/mailman post l\"\n", "aliases:1=program-target " + made + " aliases:1=list-without-members", at_server, "-"},
        {"l: \"|/usr/lib/mailman/mail/wrapper post l\"\n", "aliases:1=program-target " + made + " aliases:1=list-without-members", at_server, "-"},
        {"l: \"|/usr/lib/mailman/mail/mailman post other\"\n", "aliases:1=program-target aliases:1=no-target", "no entry", "-"},
        {"l: \"|/usr/bin/archive l\"\n", "aliases:1=program-target aliases:1=no-target", "no entry", "-"},
        {"l: \"|/usr/lib/majordomo/wrapper resend -l l l-outgoing\"\nl-outgoing: ada, bob\n", "aliases:1=program-target " + made, at_server,
         ada + "|" + bob},
        {"l: \"|/usr/lib/majordomo/wrapper resend -l l -h h l-outgoing,nobody\"\n",
         "aliases:1=program-target " + made + " aliases:1=list-without-members", at_server, "-"},
        {"l: :include:/lists/l\n", "aliases:1=include-target aliases:1=no-target", "no entry", "-"},
    };
    for (const row& r : rows) {
        CAPTURE(r.map);
        const auto out = to_mailman(r.map);
        CHECK(out.codes() == r.codes);
        CHECK(drop(out, "l") == r.target);
        CHECK(addresses(out, "l.members") == r.members);
    }
}

TEST_CASE("lists whose mail comes back to them are told, by whatever way it does") {
    const std::string made = "aliases:1=list-made";
    const std::vector<std::pair<std::string, std::string>> rows = {
        {"l: ada, m\nm: bob, l\n", "aliases:1=list-nested aliases:1=list-made aliases:1=list-circle aliases:2=list-nested aliases:2=list-made aliases:2=list-circle"},
        {"l: ada, m\nm: bob, n\nn: bob, l\n",
         "aliases:1=list-nested aliases:1=list-made aliases:1=list-circle aliases:2=list-nested aliases:2=list-made aliases:2=list-circle "
         "aliases:3=list-nested aliases:3=list-made aliases:3=list-circle"},
        {"l: ada, m@lists.example.org\nm: bob, l@LISTS.example.org\n", "aliases:1=list-made aliases:1=list-circle aliases:2=list-made aliases:2=list-circle"},
        {"l: ada, x\nx: m\nm: bob, l\n", "aliases:1=list-made aliases:1=list-circle aliases:3=list-nested aliases:3=list-made aliases:3=list-circle"},
        {"l: ada, x@example.net\nada: l\n", "aliases:1=list-made aliases:1=list-circle aliases:2=forward-local"},
        // none
        {"l: ada, m\nm: bob, ada\n", "aliases:1=list-nested aliases:1=list-made aliases:2=list-made"},
        {"l: ada, bob\nowner-l: l\n", "aliases:1=loop aliases:1=list-made"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.first);
        CHECK(to_mailman(row.first).codes() == row.second);
    }
}

TEST_CASE("a name that ends as a service address does is no list, as mailctl refuses to make one") {
    for (const char* suffix : {"-admin", "-bounces", "-confirm", "-join", "-leave", "-owner", "-request", "-subscribe", "-unsubscribe"}) {
        CAPTURE(suffix);
        const std::string name = std::string("l") + suffix;
        const auto out = to_mailman(name + ": ada, bob\n");
        CHECK(out.codes() == "aliases:1=list-name");
        CHECK(drop(out, name) == ada + "|" + bob);
        CHECK(drop(out, name + "-request") == "no entry");
        CHECK(out.report.lists.empty());
    }
    CHECK(to_mailman("l: ada, bob\nl-request: ada, bob\n").codes() == "aliases:1=list-made aliases:2=list-collision"); // of a list that is there
    CHECK(to_mailman("-request: ada, bob\n").codes() == "aliases:1=list-name");
}

TEST_CASE("a list has the nine addresses of Mailman, and its owners in a file") {
    const auto out = to_mailman("l: ada, bob\nowner-l: bob, x@example.net\n");
    for (const char* suffix : {"-admin", "-bounces", "-confirm", "-join", "-leave", "-owner", "-request", "-subscribe", "-unsubscribe"}) {
        CAPTURE(suffix);
        CHECK(drop(out, std::string("l") + suffix) == fmt::format("l{}@lists.example.org", suffix));
    }
    CHECK(drop(out, "owner-l") == "l-owner@lists.example.org");
    CHECK(addresses(out, "l.owners") == bob + "|x@example.net");
    CHECK(out.counts("aliases") == "2=0+2+0+0");
}

TEST_CASE("the companions of Mailman 2 and Majordomo lead to the list server") {
    const auto out = to_mailman("l: \"|/usr/lib/mailman/mail/mailman post l\"\n"
                                "l-admin: \"|/usr/lib/mailman/mail/mailman admin l\"\n"
                                "l-request: \"|/usr/lib/mailman/mail/mailman request l\"\n"
                                "m: \"|/usr/lib/majordomo/wrapper resend -l m m-outgoing\"\n"
                                "m-outgoing: ada\n"
                                "m-request: \"|/usr/lib/majordomo/wrapper request-answer m\"\n"
                                "owner-m: m-approval\n"
                                "m-approval: bob\n");
    CHECK(drop(out, "l-admin") == "l-admin@lists.example.org");
    CHECK(drop(out, "l-request") == "l-request@lists.example.org");
    CHECK(drop(out, "m-request") == "m-request@lists.example.org");
    CHECK(drop(out, "m-outgoing") == "m@lists.example.org");
    CHECK(drop(out, "m-approval") == bob);
    CHECK(addresses(out, "m.members") == ada);
    CHECK(addresses(out, "m.owners") == "m-approval@example.org");
    CHECK(out.counts("aliases") == "8=0+8+0+0");
}

TEST_CASE("an address of Mailman that the map or an account has stays theirs") {
    const auto out = to_mailman("l: ada, bob\nl-request: bob\nl-join: x@example.net\n", passwd + "l-leave:*:1003:100::/home/l:/bin/sh\n");
    CHECK(out.codes() == "passwd:3=password-locked aliases:1=list-collision aliases:1=list-made aliases:2=list-collision aliases:3=list-collision");
    CHECK(drop(out, "l-request") == bob);
    CHECK(drop(out, "l-join") == "x@example.net");
    CHECK(values(out.account("l-leave"), "forwardActive") == "FALSE");
    CHECK(drop(out, "l-owner") == "l-owner@lists.example.org");
}

TEST_CASE("a forward with several targets and an account's address are no lists") {
    const auto out = to_mailman("ada: bob, x@example.net\nowner-ada: bob\nBob.Cok: bob\n");
    CHECK(out.report.lists.empty());
    CHECK(values(out.account("ada"), "maildrop") == bob + "|x@example.net");
    CHECK(drop(out, "owner-ada") == bob);
}

TEST_CASE("without the option lists are aliases") {
    const auto out = convert({.passwd = passwd, .aliases = "l: ada, bob\nowner-l: ada\n"});
    CHECK(drop(out, "l") == ada + "|" + bob);
    CHECK(out.report.lists.empty());
    CHECK_FALSE(out.with_mail("l-request@example.org"));
}

TEST_CASE("a large list is no trouble for a list server") {
    std::string map = "l: x0@example.net";
    for (int i = 1; i < 1500; ++i) map += fmt::format(", x{}@example.net", i);
    const auto out = to_mailman(map + "\n");
    CHECK(out.codes() == "aliases:1=list-made");
    REQUIRE(out.report.lists.size() == 1);
    CHECK(out.report.lists.front().addresses.size() == 1500);
}

TEST_CASE("names that lists make of one another meet only once") {
    const auto out = to_mailman("owner-foo: ada, bob\nfoo-admin: ada, bob\na: ada, bob\na-join-leave: ada, bob\na-join: bob, ada\n");
    CHECK(drop(out, "owner-foo-admin") == "owner-foo-admin@lists.example.org");
    CHECK(drop(out, "a-join") == bob + "|" + ada);
}
