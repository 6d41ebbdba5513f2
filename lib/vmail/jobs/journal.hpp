#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <vmail/directory.hpp>
#include <vmail/export.hpp>
#include <vmail/ldap/request.hpp>
#include <vmail/ldap/result.hpp>
#include <vmail/plan.hpp>

namespace vmail {

/// What a journal says of itself.
struct VMAIL_EXPORT journal_heading {
    std::string job{};       ///< "mailbox disable"
    std::string server{};    ///< URI
    std::string identity{};  ///< who we are to the server (RFC 4532)
    std::string host{};      ///< the machine that the run was on, and its user
    std::string user{};
    std::string tree{};      ///< DN of o=hosting
    std::string directory{}; ///< entryUUID of o=hosting: the same on every server of one directory, and on no other
    std::string begun{};   ///< RFC 3339

    static journal_heading of(const std::string& job, vmail::directory& d);
};

/// What a run did, on disk before each request leaves: a file (mode 0600, it may hold password hashes) that a person can read, and that undoes the run.
///
/// It is made of records with a blank line between them, of lines "name: value" as in LDIF (base64 and folds included), but it is no LDIF, so that nothing
/// carries it out by mistake. The first one, "journal: 1", is the heading. "request: N" has the time, the subject, why, the version that guards it
/// (entryUUID and version), and the change record; "before: N" the entry as it was read for it, where that is the very version. "outcome: N" has the result - done, refused, unknown or not-sent -, the version after it (of an entry
/// that is gone the moment, by our clock), and the entry as it was before, where that is not there yet. The last one is "ended: TIME". A request without an outcome is one of which the run did not live to see the answer, or did not come to send.
class VMAIL_EXPORT journal {
public:
    /// A new file in the folder (made when missing, 0700), "20261231T235959Z-PID-JOB.journal". Throws error(configuration).
    /// Passwords in clear text never get into it: neither clearPassword nor a userPassword that is no hash.
    static journal create(const std::filesystem::path& folder, const journal_heading& heading);
    journal(journal&&) noexcept;
    journal& operator=(journal&&) noexcept;
    ~journal();

    const std::filesystem::path& path() const noexcept;

    /// Puts an intention down and returns its number. In memory until flush(). `thing`: the same for all requests of one thing that was asked for; 0: none.
    std::size_t intend(const ldap::write_request& request, const planned_change& why, std::size_t thing = 0);
    void record(std::size_t number, const ldap::write_result& result);
    /// To disk (fdatasync). Throws unavailable when the disk is full or fails: nothing may be sent then.
    void flush();
    /// Flushes, and removes the file again when nothing was put down. The destructor does it as well, silently.
    void close();

private:
    journal();
    struct state;
    std::unique_ptr<state> state_;
};

/// How much of the past is kept; nothing of either: all of it.
struct journal_limits {
    std::optional<std::chrono::hours> longest{}; ///< older ones go
    std::optional<std::uint64_t> bytes{};        ///< of all together: the oldest go
};

/// Takes old journals away and returns how many. Those of a run that may still be at work (no end, and younger than a day) stay. Nothing is thrown: a
/// journal that cannot be removed is left.
VMAIL_EXPORT std::size_t prune_journals(const std::filesystem::path& folder, const journal_limits& limits);

} // namespace vmail
