#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include <vmail/export.hpp>
#include <vmail/ldap/request.hpp>
#include <vmail/ldap/result.hpp>

namespace vmail {

/// What a bulk job did, on disk before each request leaves: an LDIF file (mode 0600, it may hold password hashes) that a person can read, and that can be
/// turned back into the state before.
///
/// Each request is its change record, under a comment with its number and the time; each outcome is a comment that follows; the entry as it was
/// before (pre-read control) follows in comments as LDIF. An intention without an outcome is a request of which the job did not live to see the answer.
class VMAIL_EXPORT journal {
public:
    /// A new file in the folder (made when missing, 0700), "JOB-20261231T235959Z-PID.ldif". Throws error(configuration).
    /// Passwords in clear text never get into it: neither clearPassword nor a userPassword that is no hash.
    static journal create(const std::filesystem::path& folder, const std::string& job, const std::string& server, const std::string& identity);
    journal(journal&&) noexcept;
    journal& operator=(journal&&) noexcept;
    ~journal();

    const std::filesystem::path& path() const noexcept;

    /// Puts an intention down and returns its number. In memory until flush().
    std::size_t intend(const ldap::write_request& request);
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

/// Where journals are kept when nobody says: /var/lib/mailctl/journal for root, else $XDG_STATE_HOME/mailctl/journal or ~/.local/state/mailctl/journal.
/// Throws error(configuration) without a home.
VMAIL_EXPORT std::filesystem::path default_journal_folder();

} // namespace vmail
