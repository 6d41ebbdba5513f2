#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <vmail/directory.hpp>
#include <vmail/domain_name.hpp>
#include <vmail/export.hpp>
#include <vmail/plan.hpp>
#include <vmail/timestamp.hpp>

namespace vmail {

/// A removed entry as it was found, and where its mail lies.
struct purge_item {
    std::string subject;  ///< its address, or the name of a domain
    std::string domain;   ///< empty: its folder may bear the name of any
    std::string dn, entry_uuid, entry_csn;
    timestamp removed;    ///< the moment, or a later one where none was recorded; of what was in a domain that was removed, that one's
    std::string folder{}; ///< of its mail below the home of all mail, "example.org/bob/"; empty: it has none
};

/// What may go, and how much of it.
struct purge_options {
    std::string mail_home;             ///< below which all mail is to lie
    timestamp removed_before = timestamp::now();
    std::optional<domain_name> domain{};
    std::optional<std::size_t> most{}; ///< no more entries than so many, the oldest of those that can go
    std::optional<std::size_t> left{}; ///< of `most`: what is more waits; nothing: all of it is left
    bool other_domains = false;        ///< also mail in the folder of another domain than the account's, as a rename leaves it
    /// These alone, as they were found then: what changed since is left alone, and what is gone is as it should be.
    std::optional<std::vector<purge_item>> only{};
    std::set<std::string> without{};   ///< DNs of what is left out without a word, and of domains with all that is in them
    std::function<bool()> stop{};      ///< asked between entries: true ends it
};

/// What goes for good.
struct VMAIL_EXPORT purge_plan {
    vmail::plan plan{};
    /// What goes or cannot, by planned_change::item: an entry, or all of a domain, which is the last of them.
    std::vector<std::vector<purge_item>> items{};
    std::map<std::string, std::pair<std::size_t, std::size_t>> places{}; ///< where in there each DN is
    std::size_t waiting = 0;                   ///< removed, but not for long enough, or more than `most`
    bool held_back = false;                    ///< something of it since there was no room left
    std::vector<unreadable_entry> unreadable{}; ///< marked as removed, and no moment or no account to be made out

    /// The entry that the change takes away; null: it is another one that goes along.
    const purge_item* removed_by(const planned_change& c) const;
};

/// Mailboxes that are marked as removed, oldest first, and domains that are, each whole or not at all: its addresses, its mailboxes, one after the other, and itself at last. An
/// entry is deleted only if it is as it was found and still removed. A mailbox whose folder is somebody else's as well, lies around or inside of somebody else's, or leads
/// elsewhere, is refused, and a domain with it. A domain of more entries than `most` is refused, too. Changes nothing itself. Throws denied for who does not see all,
/// error(interrupted).
VMAIL_EXPORT purge_plan plan_purge(directory& d, const purge_options& options);

/// When a domain was removed, as a purge counts from it: what is on record, or a change of it since. Throws invalid_value where nothing tells.
VMAIL_EXPORT timestamp moment_of_removal(const stored<domain>& d);

/// Throws conflict unless the entry is there as the item has it and it, or its domain, is still marked as removed.
VMAIL_EXPORT ldap::entry require_still_removed(directory& d, const purge_item& item);

/// Of an entry anywhere below o=hosting: by its entryUUID, from a complete answer.
VMAIL_EXPORT std::optional<ldap::entry> find_by_uuid(directory& d, const std::string& entry_uuid);

/// The folder of mail of an entry, below the home of all mail, "example.org/bob/". Throws invalid_value where it lies elsewhere.
VMAIL_EXPORT std::string folder_below(const std::string& mail_home, const std::string& home, const std::string& path);

/// What stands for a folder below the home of all mail where its path has no place: 16 hexadecimal digits, the same for the same folder.
VMAIL_EXPORT std::string folder_mark(const std::string& mail_home, const std::string& folder);
/// Whose the folder of that mark is now; nothing: nobody's. Throws as plan_purge() for who does not see all.
VMAIL_EXPORT std::optional<std::string> owner_of_marked(directory& d, const std::string& mark);

/// Of those folders the ones that no mailbox has, nor lies around or inside of one.
VMAIL_EXPORT std::vector<std::string> without_owner(directory& d, const std::string& mail_home, std::vector<std::string> folders);

} // namespace vmail
