#include <algorithm>
#include <array>
#include <utility>

#include <vmail/ascii.hpp>

#include "fields.hpp"
#include "gecos.hpp"

namespace vmail::nis {

namespace {

constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7F'; }

bool is_of_word(char c) { return ascii::is_alnum(c) || static_cast<unsigned char>(c) > 127; }

/// "R&D" is a name; finger's "&" is not between two letters.
bool stands_for_login(std::string_view name, std::size_t i) {
    const bool behind_letter = i > 0 && is_of_word(name[i - 1]);
    const bool before_letter = i + 1 < name.size() && is_of_word(name[i + 1]);
    return name[i] == '&' && !(behind_letter && before_letter);
}

std::string expand(std::string_view name, std::string_view login) {
    std::string out;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (!stands_for_login(name, i)) {
            out += name[i];
            continue;
        }
        const std::size_t first = out.size();
        out += login;
        out[first] = ascii::to_upper(out[first]);
    }
    return out;
}

std::string_view last_word(std::string_view name) {
    if (const std::size_t blank = name.rfind(' '); blank != std::string_view::npos && blank + 1 < name.size()) name.remove_prefix(blank + 1);
    if (ascii::is_ascii(name)) return name;
    if (const std::size_t gap = name.rfind(no_break_space); gap != std::string_view::npos && gap + no_break_space.size() < name.size())
        name.remove_prefix(gap + no_break_space.size());
    return name;
}

constexpr std::array<bool, 256> make_printable_string_bytes() {
    std::array<bool, 256> bytes{};
    for (unsigned byte = 0; byte < 128; ++byte) bytes[byte] = ascii::is_alnum(static_cast<char>(byte));
    for (const char c : std::string_view(" '()+,-./:=?")) bytes[static_cast<unsigned char>(c)] = true;
    return bytes;
}
constexpr auto printable_string_bytes = make_printable_string_bytes();

/// PrintableString (X.680), which a telephoneNumber is, with a digit in it.
std::string_view phone_or_nothing(std::string_view text) {
    bool legal = true;
    bool has_digit = false;
    for (const char c : text) {
        legal &= printable_string_bytes[static_cast<unsigned char>(c)];
        has_digit |= ascii::is_digit(c);
    }
    return legal && has_digit ? text : std::string_view();
}

} // namespace

person::person(std::string_view gecos, std::string_view login) {
    const bool had_controls = !ascii::all_printable(gecos) && std::any_of(gecos.begin(), gecos.end(), is_control);
    auto parts = split<4>(gecos, ',');
    phone = phone_or_nothing(trim(parts[2])); // a number with a tab in it is none
    home_phone = phone_or_nothing(trim(parts[3]));
    if (had_controls) {
        cleaned_ = gecos;
        std::replace_if(cleaned_.begin(), cleaned_.end(), is_control, ' ');
        parts = split<4>(cleaned_, ',');
    }
    full_name = trim(parts[0]);
    if (full_name.find('&') != std::string_view::npos) full_name = expanded_ = expand(full_name, login);
    named = !full_name.empty();
    if (!named) full_name = login;
    surname = last_word(full_name);
    room = trim(parts[1]);
}

} // namespace vmail::nis
