#include <string>

#include <doctest/doctest.h>

#include <vmail/domain_name.hpp>

#include "refusal.hpp"

using vmail::domain_name;

namespace {

std::string dots(std::size_t labels, std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < labels; ++i) text += std::string(size, 'a') + '.';
    return text;
}

const std::string label_63(63, 'a');
const std::string longest = dots(3, 63) + std::string(61, 'a'); // 253 bytes

} // namespace

TEST_CASE("a domain name is kept in lower case and without its last dot") {
    struct row {
        std::string given, kept;
    };
    const row rows[] = {
        {"example.org", "example.org"},   {"EXAMPLE.Org", "example.org"}, {"example.org.", "example.org"},
        {"a.b", "a.b"},                   {"a-b.c-d.e", "a-b.c-d.e"},     {"3com.com", "3com.com"},
        {"1.2.3.com", "1.2.3.com"},       {"x.4a", "x.4a"},               {"xn--mnchen-3ya.de", "xn--mnchen-3ya.de"},
        {label_63 + ".org", label_63 + ".org"}, {longest, longest},       {longest + ".", longest},
    };
    for (const auto& r : rows) {
        CAPTURE(r.given);
        CHECK(domain_name::parse(r.given).text() == r.kept);
    }
}

TEST_CASE("what is no domain name is refused with the reason") {
    struct row {
        std::string text, reason;
    };
    const row rows[] = {
        {"", "it is empty"},
        {".", "a part between its dots is empty"},
        {"..", "a part between its dots is empty"},
        {"example.org..", "a part between its dots is empty"},
        {".example.org", "a part between its dots is empty"},
        {"example..org", "a part between its dots is empty"},
        {"localhost", "it has no dot"},
        {"localhost.", "it has no dot"},
        {" example.org", "the character ' ' is not allowed in it"},
        {"example.org ", "the character ' ' is not allowed in it"},
        {"exa_mple.org", "the character '_' is not allowed in it"},
        {"example.org/", "the character '/' is not allowed in it"},
        {"example.org\n", "the character '\\x0a' is not allowed in it"},
        {std::string("example.o\0rg", 12), "the character '\\x00' is not allowed in it"},
        {"münchen.de", "it has letters outside ASCII, which are written as xn--..."},
        {"m\xFCnchen.de", "it has letters outside ASCII, which are written as xn--..."},
        {"-a.org", "a part between its dots begins or ends with a hyphen"},
        {"a-.org", "a part between its dots begins or ends with a hyphen"},
        {"a.-", "a part between its dots begins or ends with a hyphen"},
        {"127.0.0.1", "its last part is a number"},
        {"a.7", "its last part is a number"},
        {"[127.0.0.1]", "address literals are not supported"},
        {label_63 + "a.org", "a part between its dots is longer than 63 bytes"},
        {longest + "a", "it is longer than 253 bytes"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.text);
        const std::string sentence = refusal([&] { domain_name::parse(r.text); });
        CHECK(sentence.ends_with(" is not a domain name: " + r.reason));
        CHECK(sentence.front() == '"');
    }
}

TEST_CASE("domain names are ordered and equal by their text") {
    CHECK(domain_name::parse("A.org") == domain_name::parse("a.ORG."));
    CHECK(domain_name::parse("a.org") < domain_name::parse("b.org"));
}
