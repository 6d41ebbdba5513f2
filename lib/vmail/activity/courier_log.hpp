#pragma once

#include <string_view>

#include <vmail/activity/log_line.hpp>

namespace vmail::activity {

/// What Courier-IMAP writes of logins: imapd, pop3d, and each with "-ssl".
class courier_log {
public:
    explicit courier_log(const event_receiver& tell) : tell_(tell) {}

    static bool is_program(std::string_view program);
    /// False: what it says is not known.
    bool take(const log_line& line);

private:
    const event_receiver& tell_;
};

} // namespace vmail::activity
