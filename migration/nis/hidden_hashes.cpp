#include <algorithm>
#include <cstddef>
#include <utility>

#include <vmail/ascii.hpp>
#include <vmail/password_form.hpp>
#include <vmail/printable.hpp>

#include "crypt_field.hpp"
#include "hidden_hashes.hpp"

namespace vmail::nis {

namespace {

constexpr std::string_view hidden = "(hidden)";
constexpr std::size_t longest_shown = 80;
constexpr std::size_t longest_prefix = 12;
// The salt alone tells little, and a variable of a shell in an address nothing.
constexpr std::size_t shortest_hash = 12;

/// Of crypt(3) with a prefix, and of base64.
bool is_of_hash(char c) { return ascii::is_alnum(c) || c == '.' || c == '/' || c == '$' || c == '=' || c == ',' || c == '+' || c == '-' || c == '*'; }

/// How long a prefix at the start of the text is; 0: there is none.
std::size_t prefix_length(std::string_view text) {
    const bool scheme = text.front() == '{';
    const auto is_inside = [scheme](char c) { return ascii::is_alnum(c) || (scheme && (c == '-' || c == '.')); };
    std::size_t end = 1;
    while (end < text.size() && end <= longest_prefix && is_inside(text[end])) ++end;
    if (end == 1 || end >= text.size()) return 0;
    const bool closed = scheme ? text[end] == '}' : text[end] == '$' || text[end] == ',';
    return closed ? end + 1 : 0;
}

std::size_t hash_length(std::string_view text) {
    const std::size_t prefix = prefix_length(text);
    if (prefix == 0) return 0;
    const auto end = std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(prefix), text.end(), is_of_hash);
    const auto length = static_cast<std::size_t>(end - text.begin());
    return length - prefix >= shortest_hash ? length : 0;
}

bool is_name_with_number(std::string_view text) {
    const auto digits = std::find_if_not(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    return digits != text.begin() && std::all_of(digits, text.end(), ascii::is_digit);
}

/// Behind the marks of compat entries and locked accounts.
bool word_may_be_hash(std::string_view word) {
    word.remove_prefix(std::min(word.find_first_not_of("!*+-@"), word.size()));
    if (word.starts_with("LK*")) word.remove_prefix(3);
    using kind = crypt_field::kind;
    const kind what = crypt_field::parse(word).what;
    if (!split_stored_password(word).body.empty()) return true; // of whatever scheme
    return what == kind::aged || (what == kind::hash && !is_name_with_number(word));
}

bool may_be_hash(std::string_view field) {
    while (!field.empty()) {
        const std::size_t end = std::min(field.find_first_of(" \t"), field.size());
        if (word_may_be_hash(field.substr(0, end))) return true;
        field.remove_prefix(std::min(end + 1, field.size()));
    }
    return false;
}

} // namespace

void hide_hashes(std::string& text) {
    if (text.find_first_of("${") == std::string::npos) return;
    std::string out;
    for (std::string_view left = text; !left.empty();) {
        const std::size_t mark = std::min(left.find_first_of("${"), left.size());
        out += left.substr(0, mark);
        left.remove_prefix(mark);
        if (left.empty()) break;
        const std::size_t length = hash_length(left);
        out += length != 0 ? hidden : left.substr(0, 1);
        left.remove_prefix(std::max<std::size_t>(length, 1));
    }
    text = std::move(out);
}

std::string shown(std::string_view field) { return may_be_hash(field) ? std::string(hidden) : printable(field.substr(0, longest_shown)); }

std::string shown_quoted(std::string_view field) { return may_be_hash(field) ? std::string(hidden) : quoted(field); }

} // namespace vmail::nis
