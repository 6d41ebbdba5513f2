#include <algorithm>
#include <utility>

#include <vmail/ascii.hpp>

#include "fields.hpp"
#include "gecos.hpp"

namespace vmail::nis {

namespace {

constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7F'; }

std::string expand(std::string_view name, std::string_view login) {
    std::string out;
    for (const char c : name) {
        if (c != '&') {
            out += c;
            continue;
        }
        const std::size_t first = out.size();
        out += login;
        out[first] = ascii::to_upper(out[first]);
    }
    return out;
}

std::string_view last_word(std::string_view name) {
    for (const std::string_view gap : {std::string_view(" "), no_break_space}) {
        const std::size_t at = name.rfind(gap);
        if (at != std::string_view::npos && at + gap.size() < name.size()) name.remove_prefix(at + gap.size());
    }
    return name;
}

/// PrintableString (X.680), which a telephoneNumber is, with a digit in it.
std::string_view phone_or_nothing(std::string_view text) {
    if (text.empty()) return {};
    const auto is_printable_string = [](char c) { return ascii::is_alnum(c) || std::string_view(" '()+,-./:=?").find(c) != std::string_view::npos; };
    if (!std::all_of(text.begin(), text.end(), is_printable_string) || !std::any_of(text.begin(), text.end(), ascii::is_digit)) return {};
    return text;
}

} // namespace

person::person(std::string_view gecos, std::string_view login) {
    had_controls = !ascii::all_printable(gecos) && std::any_of(gecos.begin(), gecos.end(), is_control);
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
