#include <doctest/doctest.h>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/ldap/answerable.hpp>
#include <vmail/schema.hpp>

#include "faulty_proxy.hpp"
#include "support/foreign_directory.hpp"
#include "support/test_directory.hpp"

using namespace vmail;

namespace {

/// slapd's own word: a comparison that is neither true nor false of an entry is undefined.
bool server_can_answer(ldap::session& s, const ldap::filter& f) {
    return !s.search({ldap::dn(), ldap::scope::base, ldap::filter::any_of({f, ldap::filter::negation(f)}), {"1.1"}}).empty();
}

bool we_send(const ldap::subschema& known, const ldap::filter& f) {
    try {
        require_answerable(f, known);
        return true;
    } catch (const invalid_value&) {
        return false;
    }
}

std::vector<std::string> attributes() {
    std::vector<std::string> names = {"cn",      "commonName",      "2.5.4.3",    "cn;lang-it",   "nosuch",          "1.2.3.4",     "objectClass", "entryUUID",  "entryCSN", "creatorsName",
                                      "entryDN", "createTimestamp", "contextCSN", "userPassword", "hasSubordinates", "uidNumber",   "jpegPhoto", "seeAlso"};
    for (const auto name : schema::required_attributes) names.emplace_back(name);
    for (const auto name : schema::own_attributes) names.emplace_back(name);
    return names;
}

std::vector<ldap::filter> every_comparison() {
    const char* const values[] = {"TRUE", "true", "1",  "-1",   "01",          "-0",       "abc",     "m\xc3\xbcller", "\\ff", "",          "o=x",
                                  "a=",   "o",    "20261231235959Z", "20261231235959", "2026123123+0100", "20261231235959.Z", "8d6b0a1e-5f6c-1040-8d0e-2f0f0a0b0c0d", "person", "2.5.6.6"};
    std::vector<ldap::filter> all;
    for (const auto& name : attributes()) {
        all.push_back(ldap::filter::present(name));
        for (const auto* const form : {"({}={})", "({}>={})", "({}<={})", "({}~={})", "({}=*{}*)", "({}:={})", "({}:caseExactMatch:={})", "({}:2.5.13.14:={})", "({}:noSuchMatch:={})"})
            for (const auto* const value : values) all.push_back(ldap::filter::parse(fmt::format(fmt::runtime(form), name, *value == '\0' && form == std::string_view("({}=*{}*)") ? "x" : value)));
    }
    return all;
}

/// What we send all the same: CSNs, of which we do not know the form, and what slapd does not do with a UUID without a rule.
bool is_left_to_the_server(const std::string& filter) { return filter.starts_with("(entryCSN") || filter.starts_with("(contextCSN") || filter.starts_with("(entryUUID:="); }

void compare_with(ldap::session& s) {
    const auto& known = s.schema();
    for (const auto& f : every_comparison()) {
        CAPTURE(f.text());
        const bool answered = server_can_answer(s, f), sent = we_send(known, f);
        CHECK((sent == answered || (sent && is_left_to_the_server(f.text()))));
    }
}

} // namespace

TEST_CASE("what is refused of a typed filter is what slapd cannot answer, and nothing else") {
    ldap::session s(test_directory::shared().as_owner());
    compare_with(s);
}

TEST_CASE("the same holds of a server that others set up, with other rules for the same attributes") {
    foreign_directory foreign;
    ldap::session s(foreign.as_service());
    CHECK_FALSE(we_send(s.schema(), ldap::filter::parse("(expireDate<=20260101000000)")));
    compare_with(s);
}

TEST_CASE("where the schema may not be read a typed filter is sent unchecked, and that is said") {
    faulty_proxy proxy(test_directory::shared().dir() / "ldapi");
    auto options = test_directory::shared().as_owner();
    options.uris = {proxy.uri()};
    std::string noticed;
    options.on_notice = [&](const std::string& sentence) { noticed += sentence; };
    ldap::session s(std::move(options));
    proxy.at_search(1, faulty_proxy::fault::page_no_control, 2); // success without entries: how a server hides
    s.require_answerable(ldap::filter::parse("(nosuch=x)"));
    CHECK(noticed.find("(nosuch=x) is sent unchecked") != std::string::npos);
    CHECK_THROWS_AS(s.require_answerable(ldap::filter::parse("(nosuch=x)")), invalid_value);
}
