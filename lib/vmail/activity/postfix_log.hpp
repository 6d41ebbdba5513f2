#pragma once

#include <string_view>

#include <vmail/activity/log_line.hpp>
#include <vmail/activity/open_messages.hpp>

namespace vmail::activity {

/// What Postfix 2.x and 3.x write: of any instance (postfix-out/smtpd) and any service (postfix/submission/smtpd), with short and long queue IDs.
///
/// What a client or a correspondent chooses stands in these lines too: HELO names, addresses, answers of servers. Each field is looked for where none of that comes before it, or behind all of it.
class postfix_log {
public:
    /// The sessions are known by host and process: who is logged in is named with a message alone, and not where a recipient is refused before there is one.
    postfix_log(open_messages& open, open_messages& sessions, const event_receiver& tell) : open_(open), sessions_(sessions), tell_(tell) {}

    static bool is_program(std::string_view program) { return program.starts_with("postfix"); }
    /// False: what it says is not known.
    bool take(const log_line& line);

private:
    /// A line about one message, or about none that has an ID yet.
    struct note {
        const log_line& line;
        std::string_view service; ///< "smtpd"
        std::string_view id;      ///< "NOQUEUE" where there is none
        std::string_view text;    ///< behind it
        bool has_id() const { return id != "NOQUEUE"; }
    };

    bool take_note(const note& n);
    void take_client(const note& n);
    void take_rejection(const note& n);
    void take_queued(const note& n);
    void take_expired(const note& n);
    void take_delivery(const note& n);
    void take_failed_login(const log_line& line);
    void tell_fate(const note& n, fate how, std::string_view to, std::string_view answer, std::string_view relay);
    bool hand_on(const note& n, std::string_view answer, std::string_view relay);
    void follow(std::string_view host, std::string_view child, const open_message& parent);

    open_messages& open_;
    open_messages& sessions_;
    const event_receiver& tell_;
};

} // namespace vmail::activity
