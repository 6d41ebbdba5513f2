#include <algorithm>
#include <cstdint>
#include <iterator>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/utf8.hpp>

#include <vmail/printable.hpp>

namespace vmail {

namespace {

struct range {
    char32_t first;
    char32_t last;
};

// Ordered. Each gap between neighbours is there for what it leaves out: controls and format characters (general category Cc, Cf), blanks
// that look like a space (Zs, Zl, Zp), what is displayed as nothing (Default_Ignorable_Code_Point), private use.
constexpr range shown_as_it_is[] = {
    {0x00A1, 0x00AC}, // without NO-BREAK SPACE, SOFT HYPHEN
    {0x00AE, 0x034E}, // Latin, IPA, combining marks
    {0x0350, 0x05FF}, // without COMBINING GRAPHEME JOINER; Greek, Cyrillic, Armenian, Hebrew
    {0x0606, 0x061B}, // Arabic, without its number signs and ARABIC LETTER MARK
    {0x061D, 0x06DC},
    {0x06DE, 0x06FF},
    {0x0750, 0x077F},
    {0x0900, 0x0DFF}, // the scripts of India, Sinhala
    {0x0E01, 0x115E}, // Thai, Lao, Tibetan, Burmese, Georgian, Hangul letters without the fillers
    {0x1161, 0x167F}, // Ethiopic, Cherokee, Canadian syllabics
    {0x1780, 0x17B3}, // Khmer, without its inherent vowels
    {0x17B6, 0x17FF},
    {0x1D00, 0x1FFF}, // phonetic extensions, Vietnamese, polytonic Greek
    {0x2010, 0x2027}, // dashes and quotation marks
    {0x2030, 0x205E},
    {0x2070, 0x27FF}, // currencies, letter-like symbols, arrows, mathematics
    {0x2C00, 0x2DFF},
    {0x2E80, 0x2FFF},
    {0x3001, 0x3163}, // kana, Bopomofo, Hangul, without IDEOGRAPHIC SPACE and HANGUL FILLER
    {0x3165, 0xA4CF}, // Han, Yi
    {0xA640, 0xA7FF},
    {0xAC00, 0xD7A3}, // Hangul syllables
    {0xF900, 0xFDFF},
    {0xFE20, 0xFE6F}, // without variation selectors
    {0xFE70, 0xFEFC}, // without BYTE ORDER MARK
    {0xFF01, 0xFF9F}, // wide and narrow forms, without HALFWIDTH HANGUL FILLER
    {0xFFA1, 0xFFEF},
    {0x1F300, 0x1FAFF}, // pictographs
    {0x20000, 0x3134F}, // Han extensions
};

bool is_shown_as_it_is(char32_t c) {
    const auto after = std::upper_bound(std::begin(shown_as_it_is), std::end(shown_as_it_is), c,
                                               [](char32_t value, const range& r) { return value < r.first; });
    return after != std::begin(shown_as_it_is) && c <= std::prev(after)->last;
}

void append_ascii(std::string& out, char c) {
    if (c == '\\') {
        out += "\\\\";
    } else if (ascii::is_printable(c)) {
        out += c;
    } else {
        fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
    }
}

void append_character(std::string& out, std::string_view bytes, const utf8::character& c) {
    if (c.length == 1 && c.valid) {
        append_ascii(out, bytes.front());
    } else if (!c.valid) {
        fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(bytes.front()));
    } else if (is_shown_as_it_is(c.code_point)) {
        out += bytes.substr(0, c.length);
    } else {
        fmt::format_to(std::back_inserter(out), "\\u{{{:04x}}}", static_cast<std::uint32_t>(c.code_point));
    }
}

} // namespace

std::string printable(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    while (!bytes.empty()) {
        const utf8::character c = utf8::decode(bytes);
        append_character(out, bytes, c);
        bytes.remove_prefix(c.length);
    }
    return out;
}

std::string harmless(std::string_view sentence) {
    std::string out;
    out.reserve(sentence.size());
    while (!sentence.empty()) {
        const utf8::character c = utf8::decode(sentence);
        if (sentence.front() == '\\') out += '\\';
        else append_character(out, sentence, c);
        sentence.remove_prefix(c.length);
    }
    return out;
}

std::string quoted(std::string_view bytes, std::size_t max_characters) {
    std::string out = "\"";
    for (std::size_t count = 0; !bytes.empty(); ++count) {
        if (count == max_characters) {
            out += "...";
            break;
        }
        const utf8::character c = utf8::decode(bytes);
        if (bytes.front() == '"') out += '\\';
        append_character(out, bytes, c);
        bytes.remove_prefix(c.length);
    }
    return out + '"';
}

} // namespace vmail
