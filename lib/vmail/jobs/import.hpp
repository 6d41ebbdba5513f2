#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>

#include <vmail/directory.hpp>
#include <vmail/export.hpp>
#include <vmail/jobs/runner.hpp>

namespace vmail {

/// What a file of LDIF may do to what is there.
struct import_options {
    bool update = false; ///< makes entries that differ equal: the record's attributes replace the entry's, others stay
    bool ignore_limits = false; ///< of domains: for who puts back what was there
    run_options run{};   ///< the job's name is "import" unless it is given; its confirm is not asked
    std::function<bool(std::size_t)> confirm_removals{}; ///< whether so many entries may be removed, where the file removes any that are there; empty: they may
    std::function<void(const plan_notice&)> notice{}; ///< what a person should know of a record that is carried out all the same
};

/// What became of a file of LDIF, record by record.
struct import_summary : run_summary {
    std::size_t records = 0;
    std::size_t without_password = 0; ///< mailboxes that were added so, to which nobody can log in
};

/// Carries out an LDIF file: content records are added ("added"), change records carried out ("changed", "removed", "renamed"), many at a time.
///
/// The whole file is read once before anything is sent: a broken line (invalid_value, "FILE:LINE: ...") changes nothing, and neither does a file that
/// would change or remove more entries than the cap allows; additions are not counted. What may not be removed leaves the summary declined, and changes nothing either. Interrupted at any point and started again it ends in the same state: what
/// is there already counts as unchanged. An entry below one that could not be made is skipped. Each record is reported once, when its fate is known;
/// those behind the point where a run stopped are only counted, as skipped. The line of each change is its record's first.
///
/// An entry that is there is compared attribute by attribute with the record, byte for byte: its classes may be more, attributes that the record does not
/// name are left alone, a password that may not be read counts as equal, and lastChange and creationDate count only beside another difference. One that
/// differs fails with already_exists, unless `update` is asked for. A mailbox whose folder is another one's fails, too; one whose login (uid)
/// is another's login or address is noticed, since a site may have daemons that do not ask for it.
/// What a record adds, or `update` makes more of, counts against the limits of its domain like any addition, and one over them fails with limit_exceeded; change
/// records count against none.
/// "-" is standard input, which like any other file that can be read only once is kept in a temporary file. Throws error(input_missing) for a file that cannot be read,
/// invalid_value for a journal: undo() is what takes those. Passwords in clear text are never sent: a record with clearPassword, or with a userPassword that is
/// no hash, fails.
VMAIL_EXPORT import_summary import_ldif(directory& d, const std::filesystem::path& file, const import_options& options,
                                        const std::function<void(const change_outcome&)>& report);

} // namespace vmail
