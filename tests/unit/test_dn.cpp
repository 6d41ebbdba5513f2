#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/error.hpp>

#include <vmail/ldap/dn.hpp>

using vmail::invalid_value;
using vmail::ldap::attribute_value;
using vmail::ldap::dn;

namespace {

std::string first_value(std::string_view text) { return dn::parse(text).rdns().front().front().value; }

} // namespace

TEST_CASE("a distinguished name is read as RFC 4514 has it") {
    struct {
        std::string_view text;
        std::string value;
    } const rows[] = {
        {"cn=a", "a"},
        {"cn=a,o=b", "a"},
        {"cn=a b", "a b"},
        {"cn=a  b", "a  b"},
        {"cn=  a  ", "a"},
        {"cn=\\ a\\ ", " a "},
        {"cn=\\20", " "},
        {"cn=a\\20  ,o=b", "a "},
        {"cn=a\\,b", "a,b"},
        {R"(cn=\"\#\+\,\;\<\=\>\\)", "\"#+,;<=>\\"},
        {"cn=a#b", "a#b"},
        {"cn=a=b=c", "a=b=c"},
        {"cn=Lu\\C4\\8Di\\c4\\87", "Lu\xC4\x8Di\xC4\x87"},
        {"cn=Lu\xC4\x8Di\xC4\x87", "Lu\xC4\x8Di\xC4\x87"},
        {"cn=a\\00b", std::string("a\0b", 3)},
        {"cn=\\5C41", "\\41"}, // escaped once, not twice
        {"2.5.4.3=a", "a"},
        {"cn=#04024869", "Hi"},
        {"cn=#040141 ,o=b", "A"},
        {"cn=#0C81024142", "AB"},
        {"cn = a , o = b", "a"},
        {"mail=@example.org,vd=example.org", "@example.org"},
        {"mail=bob\\2Btag@example.org", "bob+tag@example.org"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.text);
        CHECK(first_value(row.text) == row.value);
    }
}

TEST_CASE("what is no distinguished name is refused") {
    using namespace std::string_view_literals;
    constexpr std::string_view rows[] = {
        " ",       "a",         "=",         "=a",         "cn=",          "cn=,o=b",     "cn= ,o=b",  "cn=a,",      ",cn=a",     "cn=a,,o=b", "cn=a+",
        "cn=a+cn=b", "cn=a+CN=a", "cn=a;o=b", "cn=\"a\"", "cn=<a>",       "cn=a\\",      "cn=a\\g",   "cn=a\\4",    "cn=a\\4g",  "cn=a\0b"sv,
        "cn=#",    "cn=#0",     "cn=#0402",  "cn=#0401 41", "cn=#0402414g", "cn=#30024142", "cn=#048041", "cn=#04014142", "cn=#0483000141", "c_n=a",  "-cn=a",     "1cn=a",
        "1=a",     "1.=a",      ".1=a",      "1.02=a",     "OID.2.5.4.3=a", "cn;lang-it=a", "c n=a", "\xEF\xBB\xBF" "cn=a", "cn\0=a"sv, "cn:=a",
    };
    for (const auto text : rows) {
        CAPTURE(text);
        CHECK_THROWS_AS(dn::parse(text), invalid_value);
    }
}

TEST_CASE("the sentence about a bad name shows where, and is safe to print") {
    CHECK_THROWS_WITH_AS(dn::parse("cn=a\x1b[2J;o=b"), R"("cn=a\x1b[2J;o=b" is not a distinguished name: ";" without a backslash at byte 9)", invalid_value);
}

TEST_CASE("the empty text is the root DSE") {
    CHECK(dn::parse("").empty());
    CHECK(dn().text().empty());
    CHECK(dn().parent() == dn());
    CHECK(dn().first_rdn().empty());
}

TEST_CASE("every byte comes back from the text, at the front, in the middle and at the end") {
    for (int byte = 0; byte < 256; ++byte) {
        CAPTURE(byte);
        const auto c = static_cast<char>(byte);
        for (const std::string& value : {std::string(1, c), std::string(2, c), c + std::string("x"), std::string("x") + c, "x" + std::string(1, c) + "x"}) {
            const auto name = dn::parse("o=b").child("cn", value);
            const auto text = name.text();
            for (const char t : text) CHECK((t >= ' ' && t <= '~'));
            CHECK(dn::parse(text).rdns() == name.rdns());
        }
    }
}

TEST_CASE("the text is readable where that is harmless and escaped everywhere else") {
    struct {
        std::string value;
        std::string_view text;
    } const rows[] = {
        {"bob@example.org", "cn=bob@example.org"},
        {"Mario Rossi", "cn=Mario Rossi"},
        {" a ", "cn=\\20a\\20"},
        {"#a", "cn=\\23a"},
        {"a,b", "cn=a\\2Cb"},
        {"a\x1b\n", "cn=a\\1B\\0A"},
        {"../../../etc", "cn=../../../etc"},
        {"-rf", "cn=-rf"},
        {"\xE2\x80\xAE" "gpj", "cn=\\E2\\80\\AEgpj"},
        {"$(id)", "cn=\\24(id)"},
        {"\xC3\xB2", "cn=\\C3\\B2"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.text);
        CHECK(dn().child("cn", row.value).text() == row.text);
    }
}

TEST_CASE("what is told at sight to be the text of a name is that") {
    const std::string values[] = {"a", "bob@example.org", "a b", " a", "a ", "", "a,b", "a=b", "a+b", "#04", "a\\2cb", "\xC3\xB6", "a\"b", "(x)", "x:y/z'"};
    const std::string types[] = {"mail", "vd", "2.5.4.3", "", "1x", "m ail", " mail"};
    std::size_t told = 0;
    for (const auto& type : types)
        for (const auto& value : values)
            for (const std::string& text : {type + '=' + value, type + '=' + value + ",o=hosting", "o=hosting," + type + '=' + value, type + '=' + value + ", o=hosting"}) {
                CAPTURE(text);
                if (!dn::is_text(text)) continue;
                ++told;
                CHECK(dn::parse(text).text() == text);
            }
    CHECK(told >= 24);
    CHECK(dn::is_text("mail=bob@example.org,vd=example.org,o=hosting,dc=example,dc=org"));
    CHECK_FALSE(dn::is_text(""));
    CHECK_FALSE(dn::is_text("o=x,"));
}

TEST_CASE("names are equal whatever the case, the blanks and the order inside an RDN") {
    const auto name = dn::parse("cn=Mario Rossi+mail=M@x,o=B");
    CHECK(name == dn::parse("MAIL=m@X + CN=mario   rossi , O=b"));
    CHECK(name == dn::parse("cn=\\20Mario Rossi\\20+mail=M@x,o=B"));
    CHECK(name != dn::parse("cn=MarioRossi+mail=M@x,o=B"));
    CHECK(name != dn::parse("cn=Mario Rossi,o=B"));
    CHECK(dn::parse("cn=\\20\\20") == dn::parse("cn=\\20"));
    CHECK(dn::parse("cn=a\\2Co\\3Db") != dn::parse("cn=a,o=b"));
    CHECK(dn::parse("cn=a\\2Bo\\3Db") != dn::parse("cn=a+o=b"));
}

TEST_CASE("a name is within itself and what is above it") {
    const auto base = dn::parse("o=hosting,dc=example,dc=tld");
    CHECK(base.is_within(base));
    CHECK(base.is_within(dn()));
    CHECK(dn::parse("vd=a.tld,O=Hosting,dc=EXAMPLE,dc=tld").is_within(base));
    CHECK_FALSE(base.is_within(dn::parse("vd=a.tld,o=hosting,dc=example,dc=tld")));
    CHECK_FALSE(dn::parse("xo=hosting,dc=example,dc=tld").is_within(base));
    CHECK_FALSE(dn::parse("cn=a\\2Co\\3Dhosting,dc=example,dc=tld").is_within(base));
    CHECK_FALSE(dn().is_within(base));
}

TEST_CASE("a child is named by bare bytes") {
    const auto base = dn::parse("o=hosting");
    CHECK(base.child("mail", "a,b").rdns().front() == dn::rdn{attribute_value{"mail", "a,b"}});
    CHECK(base.child("mail", "a\\2Cb").text() == "mail=a\\5C2Cb,o=hosting");
    CHECK(base.child("mail", "x").parent() == base);
    CHECK(base.child("mail", "x").first_rdn().text() == "mail=x");
    CHECK_THROWS_AS(base.child("mail", ""), invalid_value);
    CHECK_THROWS_AS(base.child("mail=x,cn", "a"), invalid_value);
    CHECK_THROWS_AS(base.child("", "a"), invalid_value);
    CHECK_THROWS_AS(base.child("mail;x", "a"), invalid_value);
}

TEST_CASE("a name has bounds") {
    std::string deep = "o=x";
    for (int i = 1; i < 256; ++i) deep += ",o=x";
    CHECK(dn::parse(deep).depth() == 256);
    CHECK_THROWS_AS(dn::parse(deep + ",o=x"), invalid_value);
    CHECK_THROWS_AS(dn::parse(deep).child("o", "x"), invalid_value);
    CHECK_THROWS_AS(dn::parse("o=" + std::string(64 * 1024, 'x')), invalid_value);
}
