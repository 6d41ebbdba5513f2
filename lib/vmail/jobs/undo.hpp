#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/directory.hpp>
#include <vmail/export.hpp>
#include <vmail/jobs/journal_reader.hpp>
#include <vmail/ldap/access_log.hpp>
#include <vmail/plan.hpp>

namespace vmail {

/// What was done, in the order in which it was.
struct change_record {
    std::vector<journal_record> records{};
    std::string directory{}; ///< entryUUID of the tree that it was done to; empty: not known
    std::string server{};    ///< by which it was done: for who does not see the tree, and for sentences
    std::string job{};       ///< of the run that did it, "mailbox disable"; empty: not known
    std::string identity{};  ///< who did it, and so what it could read; empty: it was recorded by the server, which sees all
};

/// All of a journal. Throws as journal_reader.
VMAIL_EXPORT change_record read_journal(const std::filesystem::path& file);

/// One change that the server recorded.
VMAIL_EXPORT change_record as_change_record(const ldap::access_record& r);

/// Leaves what was done to the entries of that address or domain, by an old name or a new one, and all that belongs to it: of a mailing list that was removed
/// all its addresses. Throws not_found where that is nothing; invalid_value where it is itself but a part, as a mailbox is of the rename of its domain.
VMAIL_EXPORT void keep_only(change_record& all, std::string_view name);

/// What brings the entries back that the record tells of, the latest change first: what was added is removed, what was removed is added again (with another
/// entryUUID), what was changed gets the values that it had, what was renamed its old name. Each under the condition that the entry is as the record left it.
///
/// What an earlier run of the same has undone already is left as it is: cut at any point and started again, it ends in the same state.
///
/// One that moved on since is a fault in the plan, named; where changes build on each other - the same entry twice, a renaming -, nothing is done then. What
/// was refused or not sent needs no undoing; of what was never answered the directory is asked. Throws invalid_value for the record of another directory.
VMAIL_EXPORT plan plan_undo(directory& d, const change_record& what);

} // namespace vmail
