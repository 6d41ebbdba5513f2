#include <algorithm>

#include <vmail/ascii.hpp>
#include <vmail/utf8.hpp>

#include <vmail/activity/account_name.hpp>

namespace vmail::activity {

namespace {

constexpr std::size_t longest = 254;

bool is_control(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool is_readable(std::string_view text) {
    if (text.empty() || text.size() > longest) return false;
    return ascii::all_printable(text) || (std::none_of(text.begin(), text.end(), is_control) && utf8::is_valid(text));
}

} // namespace

std::string account_name(std::string_view text) { return is_readable(text) ? ascii::to_lower(text) : std::string(unreadable_name); }

std::string recipient_name(std::string_view text, std::string_view delimiters) {
    const auto at = text.rfind('@');
    const auto begin = at == std::string_view::npos ? at : text.substr(0, at).find_first_of(delimiters, 1);
    if (begin == std::string_view::npos) return account_name(text);
    return account_name(std::string(text.substr(0, begin)).append(text.substr(at)));
}

} // namespace vmail::activity
