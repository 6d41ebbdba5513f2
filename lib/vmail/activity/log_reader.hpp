#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <vmail/activity/event.hpp>
#include <vmail/activity/log_source.hpp>
#include <vmail/timestamp.hpp>

namespace vmail::activity {

/// What lines there were, and what was made of them.
struct line_counts {
    std::uint64_t lines = 0;       ///< that were looked at; those below are among them
    std::uint64_t told = 0;        ///< events
    std::uint64_t undated = 0;     ///< they begin with no time, or are no JSON of journald
    std::uint64_t future = 0;      ///< more than a day ahead of now: the clock of who wrote them was wrong
    std::uint64_t too_long = 0;    ///< over 64 KiB
    std::uint64_t binary = 0;      ///< with a NUL
    std::uint64_t seen_before = 0; ///< of journald, read earlier; of a file, lines that were read earlier are not looked at
    /// By program, those that are not known. No more than 200 programs; the others are "other".
    std::map<std::string, std::uint64_t, std::less<>> unknown{};
};

struct reader_options {
    time_zone zone = time_zone::local(); ///< of times that name none
    std::string host{};                  ///< of lines that name none: Dovecot's own file
    std::int64_t now = timestamp::now().epoch();
};

/// Reads what Postfix, Dovecot and Courier log, and tells the events in it. Any line that is something else costs nothing and is counted.
///
/// A log is known by its content, not by its name: by its first 4 KiB (all that was read, while that is less), and by what comes before the place where reading ended. So one that was rotated, renamed, copied or compressed goes on where
/// it was, also on standard input; one that was truncated, or has other content, begins anew; and one that was read, or a part of it of 4 KiB and more, is nothing new. Where several come as one, the next one begins where
/// the times of a host go back by more than six hours, or where one that is known does behind one that was read to its end.
/// journald's lines (journalctl -o json) are known by their cursors.
///
/// What is counted once:
/// - a good login by submission is what Postfix writes of a message (smtpd ... sasl_username=): it writes none without a message;
/// - a login by IMAP, POP3 or ManageSieve that fails counts as often as there were attempts in the connection that Dovecot's line is about; one by submission is Postfix' line where it names the user
///   (3.5.23, 3.6.12, 3.7.8, 3.8.3 and later), not that of Dovecot's authentication behind it;
/// - a refused recipient belongs to who is logged in where there is a message already, or was one in the same session: else Postfix does not say who it was;
/// - a delivery is Postfix' line of the last hop (lmtp, virtual, local, and pipe to dovecot, maildrop, cyrus or courier), not Dovecot's "saved mail to";
/// - a message that a filter hands in again (amavis) belongs to who handed it in first, where Postfix writes orig_queue_id=, or "queued as" from 127.0.0.1 or ::1; what becomes of it counts
///   behind the filter.
class log_reader {
public:
    using event_receiver = std::function<void(const event&)>;
    /// Called when what was told and memory() agree: each 200,000 lines, and at the end of a log, also of one that cannot be read any further.
    using checkpoint_receiver = std::function<void()>;

    /// Goes on where the memory ends; an empty one is a beginning. Throws invalid_value where it is none of ours.
    log_reader(std::string_view memory, reader_options options, event_receiver tell, checkpoint_receiver checkpoint);
    log_reader(const log_reader&) = delete;
    log_reader& operator=(const log_reader&) = delete;
    ~log_reader();

    /// From where it stopped to the end of the last line that is whole. Throws what the source does, behind a checkpoint, and what the receivers do, without one.
    void read(log_source& source);

    /// Of messages that are under way it is no longer known that this account handed them in.
    void forget(std::string_view account);

    /// Positions, messages that are under way, and what else the next one has to know. Made for the function that is called at a checkpoint: only then it is what was told.
    std::string memory() const;
    const line_counts& counts() const noexcept;
    /// Of the last line of journald that was read; empty: there was none.
    std::string journal_cursor() const;

private:
    class state;
    std::unique_ptr<state> state_;
};

} // namespace vmail::activity
