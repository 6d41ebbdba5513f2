#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <vmail/export.hpp>
#include <vmail/login_times.hpp>
#include <vmail/mailbox.hpp>
#include <vmail/maildir_size.hpp>
#include <vmail/quota.hpp>
#include <vmail/state.hpp>
#include <vmail/timestamp.hpp>

namespace vmail {

/// The words for what told something about mail. They are stable: programs read them.
namespace usage_word {
inline constexpr std::string_view maildirsize = "maildirsize"; ///< the count that is kept in the Maildir
inline constexpr std::string_view disk = "disk";               ///< the messages, one by one
inline constexpr std::string_view doveadm = "doveadm";         ///< Dovecot, in KiB
inline constexpr std::string_view maildir = "maildir";         ///< of the last use: when the folder of opened mail changed
inline constexpr std::string_view logins = "logins";           ///< of the last use: the file of last logins
inline constexpr std::string_view no_folder = "no folder";     ///< there is no Maildir, as no mail has come and nobody has looked
} // namespace usage_word

/// Who is asked how much mail there is.
enum class usage_source {
    any, ///< maildirsize, and where that is missing or damaged the messages on disk
    maildirsize,
    disk,
    doveadm,
};

/// What is asked about mail, and of whom.
struct usage_options {
    std::string mail_home{};              ///< all mail lies below it; no look goes elsewhere
    std::optional<usage_source> size{};   ///< nothing: how much there is, is not asked
    bool use = false;                     ///< whether the last use is asked
    std::string doveadm = "doveadm";      ///< the program, which makes a Maildir where there is none
    const login_times* logins = nullptr;  ///< tells the last use alone, where it is given
};

/// What is known of the mail of one mailbox.
struct mail_usage {
    std::string_view size_told_by{};      ///< one of usage_word; empty: not asked, or not to be found out
    std::optional<mail_size> size{};
    std::optional<vmail::quota> limit{};  ///< what the same place gives as its quota
    std::string size_fault{};             ///< why there is no size, safe to print; empty also where there is no folder
    std::string_view use_told_by{};
    std::optional<timestamp> last_use{};  ///< nothing, although something tells: never
    std::string use_fault{};

    bool has_no_folder() const noexcept { return size_told_by == usage_word::no_folder || use_told_by == usage_word::no_folder; }
};

/// What the last use says of a mailbox.
enum class use_verdict {
    unknown, ///< it could not be found out
    used,    ///< also where it is too new to say otherwise
    idle,    ///< not for so many days
    never,   ///< there is no sign that it ever was
};

/// `made` is when the mailbox was made: one that is younger than so many days counts as used. Nothing: long ago.
VMAIL_EXPORT use_verdict judge_use(const mail_usage& u, const std::optional<timestamp>& made, timestamp now, std::chrono::days idle);

/// When it was made: its creationDate, else what the server noted, where that was read (directory::read_also("createTimestamp")).
VMAIL_EXPORT std::optional<timestamp> made_at(const stored<mailbox>& m);

/// Looks at the mail of mailboxes, one by one, on this machine. One thread at a time.
class VMAIL_EXPORT usage_meter {
public:
    using told = std::function<void(const mail_usage&)>;

    /// Throws error(configuration) when mail_home cannot be opened and has to be.
    explicit usage_meter(usage_options options);
    ~usage_meter();
    usage_meter(const usage_meter&) = delete;
    usage_meter& operator=(const usage_meter&) = delete;

    /// Calls back at once, or, where doveadm is asked for many, from a later call or finish(). Throws as ask_doveadm().
    void add(const mailbox& m, told tell);
    void finish();

    std::size_t looked_at() const noexcept; ///< mailboxes
    std::size_t without_folder() const noexcept; ///< of them
    std::size_t not_found_out() const noexcept; ///< of them, with a fault

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace vmail
