#include <cctype>
#include <string>

#include <doctest/doctest.h>

#include <vmail/address.hpp>

#include "refusal.hpp"

using vmail::address;
using vmail::alias_address;
using vmail::domain_name;
using vmail::maildrop;

namespace {

const std::string local_64(64, 'a');
const std::string domain_189 = std::string(63, 'd') + '.' + std::string(63, 'd') + '.' + std::string(61, 'd');

} // namespace

TEST_CASE("an address keeps the spelling of its local part and no needless quotes") {
    struct row {
        std::string given, local_part, domain;
    };
    const row rows[] = {
        {"bob@example.org", "bob", "example.org"},
        {"Bob.Smith@EXAMPLE.org.", "Bob.Smith", "example.org"},
        {"bob+ext@example.org", "bob+ext", "example.org"},
        {"!#$%&'*+-/=?^_`{|}~@example.org", "!#$%&'*+-/=?^_`{|}~", "example.org"},
        {"-rf@example.org", "-rf", "example.org"},
        {"\"bob\"@example.org", "bob", "example.org"},
        {"\"b\\ob\"@example.org", "bob", "example.org"},
        {"\"bob smith\"@example.org", "\"bob smith\"", "example.org"},
        {"\"bob\\ smith\"@example.org", "\"bob smith\"", "example.org"},
        {"\"a@b\"@example.org", "\"a@b\"", "example.org"},
        {"\"a\\\"b\\\\\"@example.org", "\"a\\\"b\\\\\"", "example.org"},
        {"\".a\"@example.org", "\".a\"", "example.org"},
        {"\"a..b\"@example.org", "\"a..b\"", "example.org"},
        {"\" \"@example.org", "\" \"", "example.org"},
        {local_64 + "@example.org", local_64, "example.org"},
        {local_64 + "@" + domain_189, local_64, domain_189},
    };
    for (const auto& r : rows) {
        CAPTURE(r.given);
        const address a = address::parse(r.given);
        CHECK(a.local_part() == r.local_part);
        CHECK(a.domain().text() == r.domain);
        CHECK(a.text() == r.local_part + "@" + r.domain);
        CHECK(address::parse(a.text()) == a);
        CHECK(address::parse(a.text()).text() == a.text());
    }
}

TEST_CASE("what is no address is refused with the reason") {
    struct row {
        std::string text, sentence;
    };
    const row rows[] = {
        {"", "\"\" is not a mail address: it is empty"},
        {"bob", "\"bob\" is not a mail address: the domain is missing"},
        {"bob@", "\"bob@\" is not a mail address: the domain is missing"},
        {"@example.org", "\"@example.org\" is not a mail address: the local part is missing"},
        {"@", "\"@\" is not a mail address: the local part is missing"},
        {"bob@example", "\"bob@example\" is not a mail address: \"example\" is not a domain name: it has no dot"},
        {"bob@exa mple.org", "\"bob@exa mple.org\" is not a mail address: \"exa mple.org\" is not a domain name: the character ' ' is not allowed in it"},
        {"bob@[127.0.0.1]", "\"bob@[127.0.0.1]\" is not a mail address: \"[127.0.0.1]\" is not a domain name: address literals are not supported"},
        {" bob@example.org", "\" bob@example.org\" is not a mail address: the character ' ' needs quotes around the local part"},
        {"a@b@example.org", "\"a@b@example.org\" is not a mail address: the character '@' needs quotes around the local part"},
        {"bob\n@example.org", "\"bob\\x0a@example.org\" is not a mail address: the character '\\x0a' needs quotes around the local part"},
        {std::string("b\0b@example.org", 15), "\"b\\x00b@example.org\" is not a mail address: the character '\\x00' needs quotes around the local part"},
        {"böb@example.org", "\"böb@example.org\" is not a mail address: the local part has characters outside ASCII"},
        {"\"b\xFF\"@example.org", "\"\\\"b\\xff\\\"@example.org\" is not a mail address: the local part has characters outside ASCII"},
        {".bob@example.org", "\".bob@example.org\" is not a mail address: the local part begins or ends with a dot"},
        {"bob.@example.org", "\"bob.@example.org\" is not a mail address: the local part begins or ends with a dot"},
        {"b..b@example.org", "\"b..b@example.org\" is not a mail address: the local part has two dots in a row"},
        {"\"\"@example.org", "\"\\\"\\\"@example.org\" is not a mail address: its quotes are empty"},
        {"\"@example.org", "\"\\\"@example.org\" is not a mail address: its quotes do not end where the local part does"},
        {"\"bob@example.org", "\"\\\"bob@example.org\" is not a mail address: its quotes do not end where the local part does"},
        {"\"bob\\\"@example.org", "\"\\\"bob\\\\\\\"@example.org\" is not a mail address: its quotes do not end where the local part does"},
        {"\"bob\\@example.org", "\"\\\"bob\\\\@example.org\" is not a mail address: its quotes do not end where the local part does"},
        {"\"a\"b@example.org", "\"\\\"a\\\"b@example.org\" is not a mail address: its quotes do not end where the local part does"},
        {"\"a\tb\"@example.org", "\"\\\"a\\x09b\\\"@example.org\" is not a mail address: a control character stands in its quotes"},
        {"\"a\\\tb\"@example.org", "\"\\\"a\\\\\\x09b\\\"@example.org\" is not a mail address: a control character stands in its quotes"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.text);
        CHECK(refusal([&] { address::parse(r.text); }) == r.sentence);
    }
}

TEST_CASE("an address that is too long is refused") {
    CHECK(refusal([] { address::parse(local_64 + "a@example.org"); }).ends_with("the local part is longer than 64 bytes"));
    CHECK(refusal([] { address::parse("\"" + std::string(63, ' ') + "\"@example.org"); }).ends_with("the local part is longer than 64 bytes"));
    CHECK(refusal([] { address::parse(local_64 + "@d" + domain_189); }).find("is not a domain name") != std::string::npos);
    CHECK(refusal([] { address::parse(local_64 + "@a." + domain_189); }).ends_with("it is longer than 254 bytes"));
}

TEST_CASE("whatever byte stands in a local part, it is refused or comes back as it was") {
    for (unsigned i = 0; i < 256; ++i) {
        CAPTURE(i);
        const char c = static_cast<char>(static_cast<unsigned char>(i));
        const std::string bare = std::string("a") + c + "b@example.org";
        const bool is_atom = c == '.' || (i < 128 && (std::isalnum(static_cast<int>(i)) != 0 || std::string("!#$%&'*+-/=?^_`{|}~").find(c) != std::string::npos));
        CHECK((refusal([&] { address::parse(bare); }) == "(accepted)") == is_atom);
        const std::string in_quotes = std::string("\"a\\") + c + "b\"@example.org";
        const bool is_quotable = i >= 0x20 && i < 0x7F;
        CHECK((refusal([&] { address::parse(in_quotes); }) == "(accepted)") == is_quotable);
        if (is_quotable) CHECK(address::parse(address::parse(in_quotes).text()) == address::parse(in_quotes));
    }
}

TEST_CASE("addresses are compared without regard to case") {
    const address a = address::parse("Bob@Example.org");
    const address b = address::parse("bOB@example.ORG");
    CHECK(a == b);
    CHECK(a.key() == b.key());
    CHECK(a.key() == "bob@example.org");
    CHECK(a.text() != b.text());
    CHECK(address::parse("\"b\\ob\"@a.org") == address::parse("bob@a.org"));
    CHECK(address::parse("bob@a.org") != address::parse("bob@b.org"));
    CHECK(address::parse("z@a.org") < address::parse("a@b.org"));
    CHECK(address::parse("A@a.org") < address::parse("b@a.org"));
    CHECK(address::parse("b@a.org") > address::parse("A@a.org"));
}

TEST_CASE("an address made of parts is as careful as one that was read") {
    const domain_name d = domain_name::parse("example.org");
    CHECK(address::make("bob", d) == address::parse("bob@example.org"));
    CHECK(address::make("\"a@b\"", d).local_part() == "\"a@b\"");
    for (const std::string local : {"", "a@b", "bob smith", "\"", "bob@"}) {
        CAPTURE(local);
        CHECK(is_sentence(refusal([&] { address::make(local, d); })));
    }
}

TEST_CASE("an alias is named by an address or catches all of a domain") {
    const domain_name d = domain_name::parse("example.org");
    const alias_address all = alias_address::parse("@Example.org");
    CHECK(all.is_catch_all());
    CHECK(all == alias_address::catch_all(d));
    CHECK(all.text() == "@example.org");
    CHECK(all.key() == "@example.org");

    const alias_address one = alias_address::parse("Info@example.org");
    CHECK_FALSE(one.is_catch_all());
    CHECK(one == alias_address(address::parse("info@example.org")));
    CHECK(one.text() == "Info@example.org");
    CHECK(one.key() == "info@example.org");
    CHECK(all != one);
    CHECK(all < one);

    CHECK(refusal([] { alias_address::parse("@"); }) == "\"@\" is not a mail address: the domain is missing");
    CHECK(is_sentence(refusal([] { alias_address::parse("@@example.org"); })));
    CHECK(is_sentence(refusal([] { alias_address::parse("\"\"@example.org"); })));
    CHECK(is_sentence(refusal([] { alias_address::parse(""); })));
}

TEST_CASE("a maildrop that we write is an address") {
    CHECK(maildrop::parse("Bob@Example.org").text() == "Bob@example.org");
    for (const std::string text : {"", "bob", "|/bin/sh", "/var/mail/bob", ":include:/x", "@example.org"}) {
        CAPTURE(text);
        CHECK(is_sentence(refusal([&] { maildrop::parse(text); })));
    }
}

TEST_CASE("a maildrop that is there already is kept as it is") {
    for (const std::string& text : {std::string("bob"), std::string("bob@example.org.autoreply"), std::string("|/bin/sh -c 'x'"), std::string("a b"),
                                    std::string(256, 'a')}) {
        CAPTURE(text);
        CHECK(maildrop::from_attribute(text).text() == text);
    }
    for (const std::string& text : {std::string(), std::string(" bob"), std::string("bob "), std::string("b\tb"), std::string("b\0b", 3), std::string("b\x7F"),
                                    std::string("böb"), std::string(257, 'a')}) {
        CAPTURE(text);
        CHECK(is_sentence(refusal([&] { maildrop::from_attribute(text); })));
    }
    CHECK(maildrop::from_attribute("BOB") == maildrop::from_attribute("bob"));
    CHECK(maildrop::from_attribute("BOB").key() == "bob");
    CHECK(maildrop::from_attribute("A") < maildrop::from_attribute("b"));
}
