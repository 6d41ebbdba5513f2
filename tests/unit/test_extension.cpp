#include <string>

#include <doctest/doctest.h>

#include <vmail/extension.hpp>

#include "refusal.hpp"

namespace {

std::string verdict_on(const std::string& local, const std::string& delimiter) {
    const vmail::site s{.layout = vmail::layout(vmail::ldap::dn::parse("dc=example,dc=org")), .recipient_delimiter = delimiter};
    return refusal([&] { vmail::require_own_name(vmail::address::make(local, vmail::domain_name::parse("example.org")), s); });
}

} // namespace

TEST_CASE("a mailbox has no name of which the daemons take a part for an extension") {
    for (const std::string local : {"bob+lists", "bob+", "bob+a+b"}) {
        CAPTURE(local);
        CHECK(verdict_on(local, "+").find("its mail would go to bob@example.org") != std::string::npos);
        CHECK(is_sentence(verdict_on(local, "+")));
        CHECK(verdict_on(local, "") == "(accepted)");
        CHECK(verdict_on(local, "-") == "(accepted)");
    }
    for (const std::string local : {"+", "+bob", "+bob+lists"}) {
        CAPTURE(local);
        CHECK(verdict_on(local, "+").find("Dovecot would refuse its mail") != std::string::npos);
        CHECK(is_sentence(verdict_on(local, "+")));
    }
    for (const std::string local : {"bob", "bob-lists"}) CHECK(verdict_on(local, "+") == "(accepted)");
    CHECK(verdict_on("bob-lists", "+-") != "(accepted)");
}

TEST_CASE("a name that Postfix takes for a route is none that gets mail") {
    for (const char* const text : {"a%b@k.org", "a!b@k.org", "\"a@b\"@k.org", "%@k.org", "a!@k.org"}) {
        CAPTURE(text);
        const auto said = refusal([&] { vmail::require_no_route(vmail::address::parse(text)); });
        CHECK(said.find("Postfix takes") != std::string::npos);
        CHECK(is_sentence(said));
    }
    CHECK(refusal([&] { vmail::require_no_route(vmail::address::parse("a#b/c=d@k.org")); }) == "(accepted)");
}

TEST_CASE("an address has its extension where Postfix has it, in quotes as well") {
    const auto base = [](const std::string& text, const std::string& delimiter) {
        const vmail::site s{.layout = vmail::layout(vmail::ldap::dn::parse("dc=example,dc=org")), .recipient_delimiter = delimiter};
        const auto a = vmail::without_extension(vmail::address::parse(text), s);
        return a ? a->text() : "";
    };
    CHECK(base("bob+a+b@k.org", "+") == "bob@k.org");
    CHECK(base("bob-a+b@k.org", "+-") == "bob@k.org");
    CHECK(base("\"john doe+x\"@k.org", "+") == "\"john doe\"@k.org");
    CHECK(base("\"bob+x y\"@k.org", "+") == "bob@k.org");
    CHECK(base("first-last-x@k.org", "-") == "first@k.org");
    for (const std::string whole : {"bob@k.org", "+bob+lists@k.org", "owner-all@k.org", "all-request@k.org", "Mailer-Daemon@k.org", "double-bounce@k.org"}) {
        CAPTURE(whole);
        CHECK(base(whole, "+-").empty());
    }
    CHECK(base("bob+lists@k.org", "").empty());
}

TEST_CASE("Dovecot cuts at the first delimiter, unless the name begins with it") {
    const vmail::site s{.layout = vmail::layout(vmail::ldap::dn::parse("dc=example,dc=org")), .recipient_delimiter = "+-"};
    CHECK(vmail::extension_at("owner-all", s) == 5);
    CHECK(vmail::extension_at("bob-a+b", s) == 3);
    for (const std::string local : {"bob", "+bob", "-bob+lists", ""}) CHECK(vmail::extension_at(local, s) == std::string::npos);
}
