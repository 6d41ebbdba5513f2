#include <locale.h> // NOLINT: newlocale is POSIX
#include <wctype.h> // NOLINT

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/fold.hpp>
#include <vmail/printable.hpp>
#include <vmail/schema.hpp>
#include <vmail/utf8.hpp>

#include "word_match.hpp"

namespace vmail::tools {

namespace attr = schema::attr;
using ldap::filter;

namespace {

struct searched {
    std::string_view attribute;
    std::string_view label;  ///< what a person calls it
    bool is_of_people = false; ///< may have accents
};

constexpr std::array all_searched = {
    searched{attr::mail, "address"},       searched{attr::cn, "name", true},          searched{attr::sn, "surname", true},
    searched{attr::given_name, "given name", true}, searched{attr::uid, "login"},     searched{attr::maildrop, "target"},
    searched{attr::vacation_forward, "vacation forward"}, searched{attr::vd, "domain"}, searched{attr::description, "description", true},
    searched{attr::disabled_comment, "comment", true}, searched{attr::list_owner, "owner"}};

void append_utf8(std::string& out, char32_t c) {
    if (c < 0x80) return void(out += static_cast<char>(c));
    if (c < 0x800) return void(out.append({static_cast<char>(0xC0 | (c >> 6)), static_cast<char>(0x80 | (c & 0x3F))}));
    if (c < 0x10000) return void(out.append({static_cast<char>(0xE0 | (c >> 12)), static_cast<char>(0x80 | ((c >> 6) & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))}));
    out.append({static_cast<char>(0xF0 | (c >> 18)), static_cast<char>(0x80 | ((c >> 12) & 0x3F)), static_cast<char>(0x80 | ((c >> 6) & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))});
}

/// Of all letters, whatever the locale of whoever runs us.
std::string in_lower_case(std::string_view text) {
    static const locale_t unicode = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    std::string out;
    while (!text.empty()) {
        const auto c = utf8::decode(text);
        if (!c.valid || c.length == 1 || unicode == nullptr) out += c.length == 1 ? std::string(1, ascii::to_lower(text.front())) : std::string(text.substr(0, c.length));
        else append_utf8(out, static_cast<char32_t>(::towlower_l(static_cast<wint_t>(c.code_point), unicode)));
        text.remove_prefix(c.length);
    }
    return out;
}

std::string without_accents(std::string_view text) { return ascii::to_lower(fold_text(text)); }

bool is_in(const std::string& word, const std::string& value) {
    if (in_lower_case(value).find(in_lower_case(word)) != std::string::npos) return true;
    const std::string plain = without_accents(word);
    return plain.find('?') == std::string::npos && without_accents(value).find(plain) != std::string::npos;
}

/// What has no letters sounds like anything.
bool has_a_sound(const std::string& word) {
    const std::string plain = without_accents(word);
    return plain.find('?') == std::string::npos && std::count_if(plain.begin(), plain.end(), [](char c) { return ascii::is_lower(c); }) >= 2;
}

bool any_value(const ldap::entry& e, std::string_view attribute, const std::string& word) {
    const auto* const values = e.find(attribute);
    return values != nullptr && std::any_of(values->begin(), values->end(), [&](const std::string& v) { return is_in(word, v); });
}

void require_word(const std::string& word) {
    if (word.find_first_not_of(' ') == std::string::npos) throw invalid_value("a word to look for is empty");
    if (!utf8::is_valid(word)) throw invalid_value(fmt::format("{} is not UTF-8", quoted(word)));
}

} // namespace

word_match::word_match(const std::vector<std::string>& words, const ldap::subschema& known) : words_(words) {
    for (const std::string& w : words_) require_word(w);
    for (const searched& s : all_searched) {
        if (known.empty() || known.has_substrings(s.attribute)) attributes_.push_back(s.attribute);
        else if (known.has_attribute(s.attribute)) left_out_.emplace_back(s.attribute);
    }
}

filter word_match::by_parts() const {
    std::vector<filter> words;
    for (const std::string& w : words_) {
        std::vector<filter> places;
        for (const auto a : attributes_) places.push_back(filter::contains(a, w));
        words.push_back(filter::any_of(places));
    }
    return filter::all_of(words);
}

filter word_match::by_parts_or_sound() const {
    std::vector<filter> words;
    for (const std::string& w : words_) {
        std::vector<filter> places;
        for (const auto a : attributes_) places.push_back(filter::contains(a, w));
        for (const searched& s : all_searched)
            if (s.is_of_people && has_a_sound(w)) places.push_back(filter::approximately(s.attribute, w));
        words.push_back(filter::any_of(places));
    }
    return filter::all_of(words);
}

bool word_match::can_sound() const noexcept { return std::any_of(words_.begin(), words_.end(), has_a_sound); }

bool word_match::has_all(const ldap::entry& e) const {
    return std::all_of(words_.begin(), words_.end(), [&](const std::string& w) {
        return std::any_of(attributes_.begin(), attributes_.end(), [&](std::string_view a) { return any_value(e, a, w); });
    });
}

std::vector<std::string> word_match::matched(const ldap::entry& e) const {
    std::vector<std::string> found;
    const bool is_alias = e.has_class(schema::cls::alias);
    for (const searched& s : all_searched) {
        // Ours have the local part there once more.
        if (is_alias && !found.empty() && (s.attribute == attr::cn || s.attribute == attr::sn)) continue;
        const auto* const values = e.find(s.attribute);
        for (const std::string& v : values != nullptr ? *values : std::vector<std::string>{})
            if (std::any_of(words_.begin(), words_.end(), [&](const std::string& w) { return is_in(w, v); })) found.push_back(fmt::format("{}: {}", s.label, v));
    }
    return found;
}

} // namespace vmail::tools
