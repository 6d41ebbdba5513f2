#include <algorithm>

#include <vmail/ascii.hpp>

#include "shell_word.hpp"

namespace vmail::tools {

namespace {

bool is_plain(char c) {
    constexpr std::string_view harmless = "%+,-./:=@_";
    return ascii::is_alpha(c) || ascii::is_digit(c) || harmless.find(c) != std::string_view::npos;
}

} // namespace

std::string shell_word(std::string_view text) {
    if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain)) return std::string(text);
    std::string quoted = "'";
    for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

} // namespace vmail::tools
