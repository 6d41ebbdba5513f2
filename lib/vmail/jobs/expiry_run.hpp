#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/directory.hpp>
#include <vmail/domain_name.hpp>
#include <vmail/export.hpp>
#include <vmail/jobs/journal.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/request.hpp>
#include <vmail/state.hpp>
#include <vmail/timestamp.hpp>

namespace vmail {

/// How the expired mailboxes were found.
enum class expiry_search {
    range, ///< the server compared: its schema gives the attribute an ordering rule
    pages, ///< all mailboxes with a date were read and compared here: without the rule a server answers nothing, silently
};
VMAIL_EXPORT std::string_view name(expiry_search how) noexcept;

/// For expiry_options::max_changes: no cap.
inline constexpr std::size_t unlimited_changes = std::numeric_limits<std::size_t>::max();

struct expiry_options {
    timestamp as_of = timestamp::now();
    std::optional<domain_name> domain{};
    /// The most mailboxes that one run may disable. Nothing: the greater of 10 and 1 % of the accounts searched.
    std::optional<std::size_t> max_changes{};
    vmail::journal* journal = nullptr;
    std::function<void(const ldap::write_request&)> on_write{}; ///< sees each request before it is sent
    std::function<bool()> stop{};                               ///< asked between requests: true ends the run cleanly
};

/// A mailbox whose time is up and that is still active.
struct expiry_due {
    std::string account; ///< its address, or its DN when it has none; safe to print
    expiry end;
    ldap::entry source;  ///< what was read of it, with the version that the write is guarded by
};

/// What a run would do: made from a complete answer only, printed by a dry run and carried out by a real one.
struct VMAIL_EXPORT expiry_plan {
    timestamp as_of;
    expiry_search how = expiry_search::pages;
    std::vector<expiry_due> due{};
    /// Dates that are no dates: reported, never expired. In range mode only those that the server takes for numbers up to the bound are seen.
    std::vector<unreadable_entry> malformed{};
    std::size_t limit = 0; ///< the cap in force
    std::size_t dated = 0; ///< active mailboxes with a date that were looked at

    /// Throws limit_exceeded when more are due than the cap allows.
    void check_limit() const;
};

/// Changes nothing. Throws error(interrupted) when options.stop says so, limit_exceeded when the server cuts the list short, and error(configuration)
/// when its schema lacks the attribute that the site keeps ends in.
VMAIL_EXPORT expiry_plan plan_expiry(directory& d, const expiry_options& options);

enum class expiry_fate {
    disabled,
    changed_meanwhile, ///< somebody else changed the entry between the search and the write: it is left to the next run
    failed,
    in_doubt,
    skipped, ///< the run stopped before it
};
VMAIL_EXPORT std::string_view name(expiry_fate fate) noexcept;

struct expiry_item {
    const expiry_due& due;
    expiry_fate fate;
    std::string sentence{}; ///< why, safe to print
};

struct expiry_summary {
    std::size_t due = 0, disabled = 0, changed_meanwhile = 0, failed = 0, in_doubt = 0, skipped = 0, malformed = 0;
    bool reasons_recorded = true; ///< false where the server has not loaded vmail.schema
    bool stopped = false;
    std::string stopped_why{};
    int exit_status = 0; ///< of what stopped it: 75 for a server that went away or is full, 130 for options.stop
};

/// Disables what the plan names, each under the condition that the entry is as it was found and still active and expired. A second run finds nothing left to do.
/// Each mailbox is reported once, when its fate is known. Throws limit_exceeded, before anything is sent, when the plan is over its cap.
VMAIL_EXPORT expiry_summary run_expiry(directory& d, const expiry_plan& plan, const expiry_options& options, const std::function<void(const expiry_item&)>& report);

} // namespace vmail
