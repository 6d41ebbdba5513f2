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
    for (const std::string local : {"bob", "bob-lists", "+", "+bob"}) CHECK(verdict_on(local, "+") == "(accepted)");
    CHECK(verdict_on("bob-lists", "+-") != "(accepted)");
}
