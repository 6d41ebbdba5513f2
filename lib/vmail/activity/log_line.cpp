#include <algorithm>
#include <charconv>

#include <vmail/ascii.hpp>

#include <vmail/activity/log_line.hpp>

namespace vmail::activity {

namespace {

constexpr auto npos = std::string_view::npos;

/// "postfix/smtpd[123]: text", "imap-login: text", "lmtp(ann)<12><x>: text".
void parse_tag(std::string_view rest, log_line& line) {
    const auto end = rest.find(": ");
    const auto blank = rest.find(' ');
    if (end == npos || blank < end) {
        line.text = rest;
        return;
    }
    line.tag = rest.substr(0, end);
    line.program = line.tag.substr(0, line.tag.find_first_of("[(<:"));
    line.text = rest.substr(end + 2);
}

bool is_of_address(char c) { return ascii::is_xdigit(c) || c == '.' || c == ':'; }

} // namespace

log_line parse_line(std::string_view behind_time) {
    log_line line;
    const auto blank = behind_time.find(' ');
    if (blank == npos || blank == 0) {
        line.text = behind_time;
        return line;
    }
    if (behind_time[blank - 1] != ':') {
        line.host = behind_time.substr(0, blank);
        behind_time.remove_prefix(blank + 1);
    }
    parse_tag(behind_time, line);
    return line;
}

std::string_view bracketed_address(std::string_view client) {
    const auto begin = client.rfind('[');
    if (begin == npos) return {};
    const auto end = client.find(']', begin);
    const auto address = client.substr(begin + 1, end == npos ? 0 : end - begin - 1);
    return std::all_of(address.begin(), address.end(), is_of_address) ? address : std::string_view{};
}

std::uint64_t number_of(std::string_view text) {
    std::uint64_t number = 0;
    const auto found = std::from_chars(text.data(), text.data() + text.size(), number);
    constexpr std::uint64_t most = 1ULL << 63U;
    return found.ec == std::errc{} && number <= most ? number : 0;
}

} // namespace vmail::activity
