#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include <vmail/activity/event.hpp>

namespace vmail::activity {

using event_receiver = std::function<void(const event&)>;

/// One line of a log. The texts are parts of it.
struct log_line {
    std::int64_t when = 0;      ///< seconds since 1970
    std::string_view host{};    ///< empty: it names none
    std::string_view tag{};     ///< "postfix/smtpd[123]"
    std::string_view program{}; ///< "postfix/smtpd"
    std::string_view text{};
};

/// What stands behind the time: "HOST PROGRAM[PID]: TEXT", or "PROGRAM: TEXT" as Dovecot writes into a file of its own. What has no program is all text.
log_line parse_line(std::string_view behind_time);

/// The address in "name[192.0.2.1]" or "name[2001:db8::1]:port", the last one in brackets; empty where there is none.
std::string_view bracketed_address(std::string_view client);

/// Takes this off the front. False: it begins otherwise.
inline bool take_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

/// The number at the front, no more than 2^63; 0 where there is none.
std::uint64_t number_of(std::string_view text);

} // namespace vmail::activity
