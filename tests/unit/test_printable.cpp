#include <set>
#include <string>

#include <doctest/doctest.h>

#include <vmail/printable.hpp>
#include <vmail/utf8.hpp>

namespace utf8 = vmail::utf8;
using vmail::printable;

namespace {

std::string encode(char32_t c) {
    std::string text;
    utf8::append(text, c);
    return text;
}

std::string hex_escape(unsigned byte) {
    constexpr char digits[] = "0123456789abcdef";
    return std::string("\\x") + digits[byte >> 4U] + digits[byte & 15U];
}

} // namespace

TEST_CASE("every single byte is shown as itself or as its number") {
    for (unsigned i = 0; i < 256; ++i) {
        CAPTURE(i);
        const std::string byte(1, static_cast<char>(static_cast<unsigned char>(i)));
        const std::string expected = i == '\\' ? "\\\\" : (i >= 0x20 && i < 0x7F ? byte : hex_escape(i));
        CHECK(printable(byte) == expected);
    }
}

TEST_CASE("letters of the world stay as they are") {
    for (const std::string text : {"", "Zürich", "naïve café", "Łódź", "Ελλάδα", "Москва", "עברית", "العربية", "हिन्दी", "ไทย",
                                   "日本語", "한국어", "e\xCC\x81", "“quotes” – €5 ½", "😀"})
        CHECK(printable(text) == text);
}

TEST_CASE("characters that hide, reorder or act are spelled out") {
    const std::pair<char32_t, char32_t> ranges[] = {
        {0x80, 0x9F},     {0xA0, 0xA0},     {0xAD, 0xAD},     {0x034F, 0x034F}, {0x0600, 0x0605}, {0x061C, 0x061C},   {0x06DD, 0x06DD},
        {0x115F, 0x1160}, {0x1680, 0x1680}, {0x180B, 0x180F}, {0x2000, 0x200F}, {0x2028, 0x202F}, {0x205F, 0x206F},   {0x3000, 0x3000},
        {0x3164, 0x3164}, {0xD7FC, 0xD7FF}, {0xE000, 0xF8FF}, {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}, {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFF},
        {0x110BD, 0x110BD}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}, {0xF0000, 0x10FFFF}};
    for (const auto& [first, last] : ranges) {
        for (char32_t c = first; c <= last; ++c) {
            const std::string shown = printable(encode(c));
            if (shown.starts_with("\\u{") && shown.ends_with('}')) continue;
            FAIL("U+" << static_cast<unsigned>(c) << " is shown");
        }
    }
    CHECK(printable("a\xE2\x80\xAEz") == "a\\u{202e}z");
    CHECK(printable("\xC2\x9B[31m") == "\\u{009b}[31m");
    CHECK(printable("\xF4\x8F\xBF\xBF") == "\\u{10ffff}");
}

TEST_CASE("bytes that are not UTF-8 are shown one by one") {
    CHECK(printable("\x1B[31m") == "\\x1b[31m");
    CHECK(printable("Z\xFCrich") == "Z\\xfcrich");
    CHECK(printable("\xED\xA0\x80") == "\\xed\\xa0\\x80");
    CHECK(printable("\xC0\xAF") == "\\xc0\\xaf");
    CHECK(printable(std::string("a\0b\n", 4)) == "a\\x00b\\x0a");
}

TEST_CASE("what was escaped already is told apart from what was not") {
    CHECK(printable("\\x1b") == "\\\\x1b");
    CHECK(printable(printable("\x1B")) == "\\\\x1b");
}

TEST_CASE("any two of all two-byte texts look different") {
    std::set<std::string> seen;
    for (unsigned i = 0; i < 256; ++i)
        for (unsigned j = 0; j < 256; ++j)
            seen.insert(printable(std::string{static_cast<char>(static_cast<unsigned char>(i)), static_cast<char>(static_cast<unsigned char>(j))}));
    CHECK(seen.size() == 65536);
}

TEST_CASE("quoted ends where it says") {
    CHECK(vmail::quoted("") == "\"\"");
    CHECK(vmail::quoted("say \"hi\"") == "\"say \\\"hi\\\"\"");
    CHECK(vmail::quoted("end\\") == "\"end\\\\\"");
    CHECK(vmail::quoted("\n") == "\"\\x0a\"");
    CHECK(vmail::quoted(std::string(80, 'a')) == '"' + std::string(80, 'a') + '"');
    CHECK(vmail::quoted(std::string(81, 'a')) == '"' + std::string(80, 'a') + "...\"");
    CHECK(vmail::quoted("äöü", 2) == "\"äö...\"");
}

TEST_CASE("a sentence keeps its escapes, and nothing in it is a command to a terminal") {
    using vmail::harmless;
    using vmail::printable;
    for (int i = 0; i < 256; ++i) {
        CAPTURE(i);
        const std::string byte(1, static_cast<char>(static_cast<unsigned char>(i)));
        CHECK(harmless(printable(byte)) == printable(byte));
        CHECK(harmless(byte) == (byte == "\\" ? byte : printable(byte)));
    }
    CHECK(harmless("said \\x1b[31m, and \x1b[31m \xe2\x80\xae") == "said \\x1b[31m, and \\x1b[31m \\u{202e}");
}
