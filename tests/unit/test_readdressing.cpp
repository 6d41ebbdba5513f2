#include <doctest/doctest.h>

#include <vmail/references.hpp>

#include "tree.hpp"

using namespace vmail;

namespace {

readdressing bob_becomes(const std::string& to, const std::string& delimiter) {
    return readdressing::of(address::parse("bob@example.org"), address::parse(to), {.layout = vmail::layout(ldap::dn::parse("dc=example")), .recipient_delimiter = delimiter});
}

const auto bob_becomes_robert = bob_becomes("robert@example.net", "+");
const auto org_becomes_net = readdressing::of(domain_name::parse("example.org"), domain_name::parse("example.net"));

struct led {
    const char* target;
    const char* becomes; ///< "": it leads elsewhere
};

void check(const readdressing& how, std::initializer_list<led> table) {
    for (const led& row : table) {
        CAPTURE(row.target);
        CHECK(how.lead_over(row.target).value_or("") == row.becomes);
    }
}

std::vector<std::string> lead(const readdressing& how, const std::string& attribute, const std::vector<std::string>& targets) {
    const ldap::entry after = how.lead_over(tree::entry("mail=info@example.org,vd=example.org", {{attribute, targets}}));
    const auto* const values = after.find(attribute);
    return values == nullptr ? std::vector<std::string>{} : *values;
}

} // namespace

TEST_CASE("what sends mail to an address is led over in whatever spelling, with its extension") {
    check(bob_becomes_robert, {
        {"bob@example.org", "robert@example.net"},
        {"BOB@Example.ORG", "robert@example.net"},
        {"bob+lists@example.org", "robert+lists@example.net"},
        {"Bob+Lists@example.org", "robert+Lists@example.net"},
        {"bob+@example.org", "robert+@example.net"},
        {"bob++x+y@example.org", "robert++x+y@example.net"},
        {" bob@example.org", "robert@example.net"},
        {"bob@example.org  ", "robert@example.net"},
        {"bobby@example.org", ""},
        {"bob-lists@example.org", ""},
        {"rob+bob@example.org", ""},
        {"bob@example.com", ""},
        {"bob@sub.example.org", ""},
        {"bob@example.org.invalid", ""},
        {"@example.org", ""},
        {"bob", ""},
        {"bob@", ""},
        {"", ""},
        {" ", ""},
        {"|/usr/bin/list bob@example.org", "|/usr/bin/list robert@example.net"}, // words are addresses to virtual_alias_maps
        {"ann@example.org, bob@example.org", "ann@example.org, robert@example.net"},
        {"bob@example.org,bob+x@example.org", "robert@example.net,robert+x@example.net"},
        {"B Jones <bob@example.org>", "B Jones <robert@example.net>"},
        {"bob@example.org <ann@example.org>", ""},
        {"\"Jones, bob@example.org\" <ann@example.org>", ""},
        {"bob@example.org.", "robert@example.net"},
        {"bob@example.org..", ""},
        {"bob@example.org (bob), ann@example.org", "robert@example.net (bob), ann@example.org"},
        {"ann@example.org (bob@example.org)", ""},
        {"a@bob@example.org", ""},
    });
}

TEST_CASE("what an extension is that goes along, the site says") {
    check(bob_becomes("robert@example.net", "-"), {{"bob-lists@example.org", "robert-lists@example.net"}, {"bob+lists@example.org", ""}, {"bob-request@example.org", ""}});
    check(bob_becomes("robert@example.net", "+-"), {{"bob-x+y@example.org", "robert-x+y@example.net"}, {"bob+x-y@example.org", "robert+x-y@example.net"}});
    check(bob_becomes("robert@example.net", ""), {{"bob+lists@example.org", ""}, {"bob@example.org", "robert@example.net"}});
    CHECK(bob_becomes("robert@example.net", "").selects().text().find("(maildrop=*bob+") == std::string::npos);
    CHECK(bob_becomes("robert@example.net", "+-").selects().text().find("(maildrop=*bob-*)") != std::string::npos);
    const auto longer = readdressing::of(address::parse("bob+lists@example.org"), address::parse("robert@example.net"), {.layout = vmail::layout(ldap::dn::parse("dc=example"))});
    check(longer, {{"bob+lists@example.org", "robert@example.net"}, {"bob+lists+more@example.org", ""}}); // the daemons ask for bob then
}

TEST_CASE("what needs no quotes is the same address with and without them") {
    check(bob_becomes_robert, {
        {"\"bob\"@example.org", "robert@example.net"},
        {"\"b\\ob\"@Example.org", "robert@example.net"},
        {"\"Bob+lists\"@example.org", "robert+lists@example.net"},
        {"\"bobby\"@example.org", ""},
        {"\"bob @example.org", ""},
        {"\"bob\"x@example.org", ""},
    });
    const auto odd = readdressing::of(address::parse("\"the bob\"@example.org"), address::parse("bob@example.net"), {.layout = vmail::layout(ldap::dn::parse("dc=example"))});
    check(odd, {{"\"the bob\"@example.org", "bob@example.net"}, {"\"The bob+x\"@example.org", "bob+x@example.net"}, {"\"the bob+x y\"@example.org", "\"bob+x y\"@example.net"}});
    check(bob_becomes("\"the bob\"@example.net", "+"), {{"bob@example.org", "\"the bob\"@example.net"}, {"bob+x@example.org", "\"the bob+x\"@example.net"}});
    CHECK(bob_becomes_robert.selects().text().find("(maildrop=*\\22*)") != std::string::npos);
}

TEST_CASE("what sends mail into a domain is led over whatever stands before its name") {
    check(org_becomes_net, {
        {"bob@example.org", "bob@example.net"},
        {"Bob+Lists@EXAMPLE.org", "Bob+Lists@example.net"},
        {"@example.org", "@example.net"},
        {" bob@example.org ", "bob@example.net"},
        {"\"odd @ local\"@example.org", "\"odd @ local\"@example.net"},
        {"bob@sub.example.org", ""},
        {"bob@notexample.org", ""},
        {"example.org", ""},
        {"", ""},
    });
}

TEST_CASE("of an entry every target is led over, in its place, and an entry without any stays as it is") {
    CHECK(lead(bob_becomes_robert, "maildrop", {"x@example.com", "bob@example.org", "bob+l@example.org"}) ==
          std::vector<std::string>{"x@example.com", "robert@example.net", "robert+l@example.net"});
    CHECK(lead(bob_becomes_robert, "vacationForward", {"Bob@example.org"}) == std::vector<std::string>{"robert@example.net"});

    const auto other = tree::entry("mail=info@example.org,vd=example.org", {{"maildrop", {" x@example.com", "odd"}}, {"mail", {"bob@example.org"}}});
    CHECK(ldap::diff(other, bob_becomes_robert.lead_over(other)).empty());
}

TEST_CASE("where the new address is among the targets already, it stays there alone, as it was spelt") {
    CHECK(lead(bob_becomes_robert, "maildrop", {"bob@example.org", "ROBERT@example.net"}) == std::vector<std::string>{"ROBERT@example.net"});
    CHECK(lead(bob_becomes_robert, "maildrop", {"Robert@example.net", "bob@example.org"}) == std::vector<std::string>{"Robert@example.net"});
    CHECK(lead(bob_becomes_robert, "maildrop", {"bob@example.org", "BOB@example.org "}) == std::vector<std::string>{"robert@example.net"});
}

TEST_CASE("the filter finds the address and its extensions by what the server has indexes for") {
    CHECK(bob_becomes_robert.selects().text().find("(maildrop=*bob@example.org*)") != std::string::npos);
    CHECK(bob_becomes_robert.selects().text().find("(maildrop=*bob+*)") != std::string::npos);
    CHECK(org_becomes_net.selects().text() == "(|(maildrop=*@example.org*)(vacationForward=*@example.org*)(vmailListOwner=*@example.org*))");
}

TEST_CASE("the owners of a mailing list follow a new name, and are nothing that sends mail") {
    CHECK(lead(bob_becomes_robert, "vmailListOwner", {"bob@example.org", "ann@example.org"}) == std::vector<std::string>{"robert@example.net", "ann@example.org"});
    const auto list = tree::entry("mail=staff@example.org,vd=example.org", {{"vmailListOwner", {"bob@example.org"}}});
    CHECK_FALSE(bob_becomes_robert.concerns(list));
    CHECK(bob_becomes_robert.without(list).has("vmailListOwner"));
}
