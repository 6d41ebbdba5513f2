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

TEST_CASE("an extension begins at the first delimiter, unless the address does") {
    CHECK(vmail::extension_at("bob+lists", "+") == 3);
    CHECK(vmail::extension_at("bob+a+b", "+") == 3);
    CHECK(vmail::extension_at("bob-a+b", "+-") == 3);
    for (const std::string local : {"bob", "+bob", "+bob+lists", "+", ""}) CHECK(vmail::extension_at(local, "+") == std::string::npos);
    CHECK(vmail::extension_at("bob+lists", "") == std::string::npos);
}
