#include <cctype>
#include <string>

#include <doctest/doctest.h>

#include <vmail/ascii.hpp>

namespace ascii = vmail::ascii;

TEST_CASE("the classes and the case of every byte are those of the C locale") {
    for (int i = 0; i < 256; ++i) {
        CAPTURE(i);
        const char c = static_cast<char>(static_cast<unsigned char>(i));
        CHECK(ascii::is_digit(c) == (std::isdigit(i) != 0));
        CHECK(ascii::is_alpha(c) == (std::isalpha(i) != 0));
        CHECK(ascii::is_alnum(c) == (std::isalnum(i) != 0));
        CHECK(ascii::is_xdigit(c) == (std::isxdigit(i) != 0));
        CHECK(ascii::is_blank(c) == (std::isblank(i) != 0));
        CHECK(ascii::is_printable(c) == (std::isprint(i) != 0));
        CHECK(ascii::is_ascii(c) == (i < 128));
        CHECK(static_cast<unsigned char>(ascii::to_lower(c)) == std::tolower(i));
        CHECK(static_cast<unsigned char>(ascii::to_upper(c)) == std::toupper(i));
    }
}

TEST_CASE("texts compare without regard to the case of ASCII letters only") {
    struct row {
        std::string a, b;
        int order;
    };
    const row rows[] = {
        {"", "", 0},
        {"", "a", -1},
        {"a", "", 1},
        {"ABC", "abc", 0},
        {"abc", "ABD", -1},
        {"ab", "ABC", -1},
        {"\xC3\x84", "\xC3\xA4", -1},                               // Ä and ä are two
        {"z", "\xC3\xA4", -1},                                      // bytes above 127 come last
        {std::string("a\0b", 3), std::string("A\0B", 3), 0},
        {std::string("a\0b", 3), std::string("a\0c", 3), -1},
        {"@", "`", -1},                                             // next to the letters, and no letters
        {"[", "{", -1},
    };
    for (const auto& r : rows) {
        CAPTURE(r.a);
        CAPTURE(r.b);
        const int order = ascii::icompare(r.a, r.b);
        CHECK((order > 0) - (order < 0) == r.order);
        CHECK(ascii::iequals(r.a, r.b) == (r.order == 0));
        CHECK((ascii::ihash(r.a) == ascii::ihash(r.b)) == (r.order == 0));
        CHECK(ascii::iless{}(r.a, r.b) == (r.order < 0));
    }
}

TEST_CASE("digits, prefixes and folding of whole texts") {
    CHECK_FALSE(ascii::is_digits(""));
    CHECK(ascii::is_digits("0123456789"));
    CHECK_FALSE(ascii::is_digits("12 "));
    CHECK_FALSE(ascii::is_digits("-1"));
    CHECK(ascii::is_ascii(""));
    CHECK(ascii::is_ascii("abc\x7F"));
    CHECK_FALSE(ascii::is_ascii("a\x80"));
    CHECK(ascii::istarts_with("MAIL=x", "mail="));
    CHECK_FALSE(ascii::istarts_with("mai", "mail"));
    CHECK(ascii::to_lower(std::string("ÄB\0C", 5)) == std::string("Äb\0c", 5));
    CHECK(ascii::to_upper(std::string("äb\0c", 5)) == std::string("äB\0C", 5));
}

TEST_CASE("a text is printable or ASCII when each of its bytes is, wherever they stand") {
    for (std::size_t length = 1; length < 40; ++length)
        for (int byte = 0; byte < 256; ++byte)
            for (std::size_t at = 0; at < length; ++at) {
                std::string text(length, 'x');
                text[at] = static_cast<char>(static_cast<unsigned char>(byte));
                const bool printable = byte >= 0x20 && byte <= 0x7E;
                // One assertion for each would take seconds.
                if (ascii::all_printable(text) != printable || ascii::is_ascii(text) != (byte < 0x80)) FAIL("byte " << byte << " at " << at << " of " << length);
            }
    CHECK(ascii::all_printable(""));
}
