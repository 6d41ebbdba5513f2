#include <wchar.h> // NOLINT: wcwidth is POSIX

#include <clocale>
#include <cstdint>
#include <string>

#include <doctest/doctest.h>

#include <vmail/printable.hpp>
#include <vmail/utf8.hpp>

#include <cli/width.hpp>

using vmail::tools::display_width;

namespace {

std::string text_of(char32_t c) {
    std::string text;
    vmail::utf8::append(text, c);
    return text;
}

bool is_surrogate(char32_t c) { return c >= 0xD800 && c <= 0xDFFF; }

/// Where glibc does as it did before Unicode 9, and not as Unicode says: circled numbers and hexagrams.
bool is_exception(char32_t c) { return (c >= 0x3248 && c <= 0x324F) || (c >= 0x4DC0 && c <= 0x4DFF); }

/// The C library's own tables, while this lives.
struct utf8_locale {
    const bool there = std::setlocale(LC_CTYPE, "C.UTF-8") != nullptr;
    ~utf8_locale() { std::setlocale(LC_CTYPE, "C"); }
};

} // namespace

TEST_CASE("a text takes the columns that terminals give it") {
    struct row {
        std::string text;
        std::size_t columns;
    };
    for (const row& r : {row{"", 0}, row{"abc", 3}, row{"Žerjal", 6}, row{"e\u0301", 1}, row{"山田太郎", 8}, row{"ｱ", 1}, row{"Ａ", 2}, row{"한글", 4}, row{"😀", 2}, row{"⌚", 2},
                                        row{"☃", 1}, row{"🚀🪐", 4}, row{"ไม่ได้", 4}, row{"नमस्ते", 4}, row{"שָׁלוֹם", 4}, row{"\xff", 1}}) {
        CAPTURE(r.text);
        CHECK(display_width(r.text) == r.columns);
    }
}

TEST_CASE("each character that is shown takes the columns that the C library gives it") {
    const utf8_locale locale;
    REQUIRE(locale.there);
    std::size_t compared = 0;
    for (char32_t c = 0x20; c <= 0x10FFFF; ++c) {
        if (is_surrogate(c) || is_exception(c) || vmail::printable(text_of(c)) != text_of(c)) continue;
        const int columns = ::wcwidth(static_cast<wchar_t>(c));
        if (columns < 0) continue; // not assigned
        ++compared;
        if (display_width(text_of(c)) == static_cast<std::size_t>(columns)) continue;
        CAPTURE(static_cast<std::uint32_t>(c));
        CHECK(display_width(text_of(c)) == static_cast<std::size_t>(columns));
    }
    CHECK(compared > 100'000);
}
