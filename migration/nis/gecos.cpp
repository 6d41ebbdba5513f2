#include <algorithm>
#include <utility>

#include <vmail/ascii.hpp>

#include "fields.hpp"
#include "gecos.hpp"

namespace vmail::nis {

namespace {

constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7F'; }

std::string without_controls(std::string_view text) {
    std::string clean(text);
    std::replace_if(clean.begin(), clean.end(), is_control, ' ');
    return std::string(trim(clean));
}

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

std::string last_word(std::string_view name) {
    const std::size_t blank = name.rfind(' ');
    return std::string(blank == std::string_view::npos ? name : name.substr(blank + 1));
}

/// PrintableString (X.680), which a telephoneNumber is, with a digit in it.
std::string phone_or_nothing(std::string_view text) {
    const auto is_printable_string = [](char c) { return ascii::is_alnum(c) || std::string_view(" '()+,-./:=?").find(c) != std::string_view::npos; };
    if (!std::all_of(text.begin(), text.end(), is_printable_string) || !std::any_of(text.begin(), text.end(), ascii::is_digit)) return {};
    return std::string(text);
}

} // namespace

person person::parse(std::string_view gecos, std::string_view login) {
    const auto parts = split<4>(gecos, ',');
    std::string name = expand(without_controls(parts[0]), login);
    person p{};
    p.named = !name.empty();
    p.full_name = p.named ? std::move(name) : std::string(login);
    p.surname = last_word(p.full_name);
    p.room = without_controls(parts[1]);
    p.phone = phone_or_nothing(trim(parts[2]));
    p.home_phone = phone_or_nothing(trim(parts[3]));
    p.had_controls = std::any_of(gecos.begin(), gecos.end(), is_control);
    return p;
}

} // namespace vmail::nis
