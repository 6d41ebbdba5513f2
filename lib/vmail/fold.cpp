#include <array>
#include <utility>

#include <vmail/ascii.hpp>
#include <vmail/utf8.hpp>

#include <vmail/fold.hpp>
#include <vmail/fold_table.hpp>

namespace vmail {

namespace {

constexpr bool is_combining_mark(char32_t c) { return c >= 0x300 && c <= 0x36F; }

std::string_view letter(char32_t c) {
    if (c >= fold_table::latin_first && c - fold_table::latin_first < fold_table::latin.size())
        return fold_table::latin[c - fold_table::latin_first];
    if (c >= fold_table::additional_first && c - fold_table::additional_first < fold_table::additional.size())
        return fold_table::additional[c - fold_table::additional_first];
    return {};
}

std::string_view german_letter(char32_t c) {
    switch (c) {
    case U'ä': return "ae";
    case U'ö': return "oe";
    case U'ü': return "ue";
    case U'Ä': return "Ae";
    case U'Ö': return "Oe";
    case U'Ü': return "Ue";
    default: return letter(c);
    }
}

std::string_view punctuation(char32_t c) {
    switch (c) {
    case U'\u2018':
    case U'\u2019':
    case U'\u02BC':
    case U'\u00B4': return "'";
    case U'\u201C':
    case U'\u201D':
    case U'\u201E': return "\"";
    case U'\u2010':
    case U'\u2011':
    case U'\u2013':
    case U'\u2014': return "-";
    case U'\u00A0': return " ";
    default: return {};
    }
}

} // namespace

std::string fold_text(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto c = utf8::decode(text);
        if (c.length == 1 && ascii::is_printable(text.front())) {
            out += text.front();
        } else if (const auto folded = letter(c.code_point); c.valid && !folded.empty()) {
            out += folded;
        } else if (const auto mark = punctuation(c.code_point); c.valid && !mark.empty()) {
            out += mark;
        } else if (!c.valid || !is_combining_mark(c.code_point)) {
            out += '?';
        }
        text.remove_prefix(c.length);
    }
    return out;
}

std::string fold_word(std::string_view word, umlauts how) {
    std::string out;
    while (!word.empty()) {
        const auto c = utf8::decode(word);
        const char first = word.front();
        if (c.length == 1 && (ascii::is_alnum(first) || first == '-')) {
            out += first;
        } else if (c.valid && c.code_point >= 0x80) {
            out += how == umlauts::german ? german_letter(c.code_point) : letter(c.code_point);
        }
        word.remove_prefix(c.length);
    }
    return out;
}

} // namespace vmail
