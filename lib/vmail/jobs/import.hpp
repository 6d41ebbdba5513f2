#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

#include <vmail/export.hpp>
#include <vmail/jobs/journal.hpp>
#include <vmail/ldap/dn.hpp>
#include <vmail/ldap/session.hpp>

namespace vmail {

enum class import_fate {
    added,     ///< it was not there, now it is
    changed,   ///< a change record was carried out, or with `update` an entry that differed was made equal
    removed,   ///< changetype: delete
    unchanged, ///< it was there already with all that the record wants
    differs,   ///< it is there, but not as the record wants it, and `update` was not asked for: nothing was done
    failed,    ///< the server refused
    in_doubt,  ///< sent, never answered, not to be settled
    skipped,   ///< not sent, because what it depends on failed, or the run stopped
};
VMAIL_EXPORT std::string_view name(import_fate fate) noexcept;

/// What became of one record.
struct import_item {
    ldap::dn dn;
    std::size_t line = 0; ///< the record's first line in the file
    import_fate fate = import_fate::failed;
    std::string sentence{}; ///< why, when there is something to say; safe to print
    int exit_status = 0;    ///< of its kind of failure, 0 otherwise
};

struct import_options {
    bool dry_run = false; ///< compares with the directory, sends nothing: fates are what they would be
    bool update = false;  ///< makes entries that differ equal: the record's attributes replace the entry's, others stay
    vmail::journal* journal = nullptr;
    std::size_t window = 32;
    std::function<void(const ldap::write_request&)> on_write{}; ///< each request before it is sent, or would be
    std::function<bool()> stop{};                               ///< asked between records: true ends the run cleanly (a signal came)
};

struct import_summary {
    std::size_t records = 0, added = 0, changed = 0, removed = 0, unchanged = 0, differs = 0, failed = 0, in_doubt = 0, skipped = 0;
    bool stopped = false;      ///< before the end of the file
    std::string stopped_why{}; ///< safe to print
    int exit_status = 0;       ///< of what stopped it: 75 for a server that went away or is full, 130 for options.stop
    bool all_good() const noexcept { return !stopped && differs + failed + in_doubt + skipped == 0; }
    bool anything_changed() const noexcept { return added + changed + removed > 0; }
};

/// Carries out an LDIF file: content records are added, change records carried out, many at a time.
///
/// The whole file is read once before anything is sent: a broken line (invalid_value, "FILE:LINE: ...") changes nothing. Interrupted at any
/// point and started again it ends in the same state: what is there already counts as unchanged. An entry below one that could not be made is skipped.
/// Each record is reported once, when its fate is known; those behind the point where a run stopped are only counted, as skipped.
///
/// An entry that is there is compared attribute by attribute with the record, byte for byte: its classes may be more, attributes that the record does not
/// name are left alone, a password that may not be read counts as equal, and lastChange and creationDate count only beside another difference.
/// "-" is standard input, which like any other file that can be read only once is kept in a temporary file. Throws error(input_missing) for a file that cannot be read.
/// Passwords in clear text are never sent: a record with clearPassword, or with a userPassword that is no hash, fails.
VMAIL_EXPORT import_summary import_ldif(ldap::session& s, const std::filesystem::path& file, const import_options& options,
                                        const std::function<void(const import_item&)>& report);

} // namespace vmail
