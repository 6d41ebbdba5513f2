#include <string>

#include <doctest/doctest.h>

#include <vmail/utf8.hpp>

namespace utf8 = vmail::utf8;

TEST_CASE("every code point survives encoding and decoding, and surrogates are none") {
    for (char32_t c = 0; c <= 0x10FFFF; ++c) {
        if (c >= 0xD800 && c <= 0xDFFF) continue;
        std::string text;
        utf8::append(text, c);
        const auto decoded = utf8::decode(text);
        if (decoded.valid && decoded.code_point == c && decoded.length == text.size()) continue;
        FAIL("U+" << static_cast<unsigned>(c));
    }
}

TEST_CASE("what RFC 3629 forbids is not valid, whatever stands around it") {
    const std::string malformed[] = {
        "\x80",                 // a continuation alone
        "\xBF",                 //
        "\xC0\x80",             // NUL, overlong
        "\xC1\xBF",             // overlong
        "\xE0\x80\x80",         // overlong
        "\xE0\x9F\xBF",         // overlong
        "\xF0\x80\x80\x80",     // overlong
        "\xF0\x8F\xBF\xBF",     // overlong
        "\xED\xA0\x80",         // surrogates
        "\xED\xBF\xBF",         //
        "\xF4\x90\x80\x80",     // above U+10FFFF
        "\xF5\x80\x80\x80",     //
        "\xFE",                 //
        "\xFF",                 //
        "\xC3",                 // cut off
        "\xE2\x82",             //
        "\xF0\x9F\x98",         //
        "\xC3(",                // no continuation
        "\xE2(\xA1",            //
        "\xE2\x82(",            //
        "\xF0(\x8C\xBC",        //
        std::string("\xC3\0", 2),
    };
    for (const auto& bytes : malformed) {
        CAPTURE(bytes.size());
        CAPTURE(static_cast<unsigned>(static_cast<unsigned char>(bytes[0])));
        CHECK_FALSE(utf8::is_valid(bytes));
        CHECK_FALSE(utf8::is_valid("a" + bytes + "z"));
        CHECK_FALSE(utf8::decode(bytes).valid);
        CHECK(utf8::decode(bytes).length == 1);
    }
    const std::string_view euro = "\xE2\x82\xAC";
    for (std::size_t size = 1; size < euro.size(); ++size) {
        CAPTURE(size);
        CHECK_FALSE(utf8::decode(euro.substr(0, size)).valid); // what follows does not belong to the text
    }
}

TEST_CASE("the ends of each length are valid") {
    const std::string valid[] = {"", std::string(1, '\0'), "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
                                 "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "Zürich €"};
    for (const auto& text : valid) {
        CAPTURE(text);
        CHECK(utf8::is_valid(text));
    }
}

TEST_CASE("length counts characters, and each stray byte") {
    CHECK(utf8::length("") == 0);
    CHECK(utf8::length("Zürich") == 6);
    CHECK(utf8::length("\xF0\x9F\x98\x80") == 1);
    CHECK(utf8::length("a\x80\xFFz") == 4);
    CHECK(utf8::decode("").length == 0);
}

TEST_CASE("every byte of ISO 8859-1 becomes the character of its number") {
    for (unsigned i = 0; i < 256; ++i) {
        CAPTURE(i);
        const std::string text = utf8::from_latin1(std::string(1, static_cast<char>(static_cast<unsigned char>(i))));
        CHECK(utf8::decode(text).code_point == i);
        CHECK(utf8::decode(text).length == text.size());
    }
    CHECK(utf8::from_latin1("Z\xFCrich") == "Zürich");
    CHECK(utf8::from_latin1("").empty());
}
