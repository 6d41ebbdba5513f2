#include <algorithm>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/daemon_syntax.hpp>

namespace vmail {

namespace {

/// Not with the value: it may be a password.
[[noreturn]] void refuse(std::string_view what, std::string_view why) { throw invalid_value(fmt::format("{} cannot be written into this file: {}", what, why)); }

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

void require_one_line(std::string_view value, std::string_view what) {
    if (std::any_of(value.begin(), value.end(), is_control)) refuse(what, "it has a control character");
}

void require_no_outer_blanks(std::string_view value, std::string_view what) {
    if (!value.empty() && (value.front() == ' ' || value.back() == ' ')) refuse(what, "a blank at its beginning or end would be lost");
}

void require_without(std::string_view value, std::string_view text, std::string_view what) {
    if (value.find(text) != std::string_view::npos) refuse(what, fmt::format("{} means something there", text));
}

/// With a mark before each of the characters.
std::string escaped(std::string_view value, std::string_view characters, char mark) {
    std::string result;
    for (const char c : value) {
        if (characters.find(c) != std::string_view::npos) result += mark;
        result += c;
    }
    return result;
}

std::string in_quotes(std::string_view value) { return fmt::format("\"{}\"", escaped(value, "\"\\", '\\')); }

std::string for_freeradius(std::string_view value, std::string_view what) {
    for (const std::string_view text : {"\\", "${", "$ENV{"}) require_without(value, text, what);
    return in_quotes(value);
}

} // namespace

std::string written_in(daemon_syntax syntax, std::string_view value, std::string_view what) {
    require_one_line(value, what);
    switch (syntax) {
    case daemon_syntax::line: break;
    case daemon_syntax::postfix_parameter: require_no_outer_blanks(value, what); return escaped(value, "$", '$');
    case daemon_syntax::quoted: return in_quotes(value);
    case daemon_syntax::dovecot_24: require_without(value, "%{", what); return in_quotes(value);
    case daemon_syntax::freeradius: return for_freeradius(value, what);
    }
    require_no_outer_blanks(value, what);
    return std::string(value);
}

std::string plain_everywhere(std::string_view value, std::string_view what, std::string_view others) {
    constexpr std::string_view marks = "-_.:/=+";
    const auto passes = [&](char c) { return ascii::is_alnum(c) || marks.find(c) != std::string_view::npos || others.find(c) != std::string_view::npos; };
    if (!std::all_of(value.begin(), value.end(), passes))
        refuse(what, fmt::format("{} has a character that means something to one of its readers, or is not ASCII", vmail::quoted(value)));
    return std::string(value);
}

} // namespace vmail
