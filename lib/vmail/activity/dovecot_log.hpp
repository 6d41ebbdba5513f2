#pragma once

#include <string_view>

#include <vmail/activity/log_line.hpp>

namespace vmail::activity {

/// What Dovecot 2.2, 2.3 and 2.4 write of logins, to syslog ("dovecot: imap-login: Login: ...") and into a file of their own ("imap-login: Info: Login: ...").
class dovecot_log {
public:
    explicit dovecot_log(const event_receiver& tell) : tell_(tell) {}

    /// A line without a host is its own when one of its processes wrote it.
    static bool is_program(const log_line& line);
    /// False: what it says is not known.
    bool take(const log_line& line);

private:
    void take_login(const log_line& line, protocol by, std::string_view text);
    void tell(const log_line& line, std::string_view behind_user, const login& what);

    const event_receiver& tell_;
};

} // namespace vmail::activity
