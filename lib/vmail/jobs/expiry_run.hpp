#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/directory.hpp>
#include <vmail/domain_name.hpp>
#include <vmail/export.hpp>
#include <vmail/plan.hpp>
#include <vmail/state.hpp>
#include <vmail/timestamp.hpp>
#include <vmail/jobs/expiry_memory.hpp>

namespace vmail {

/// How what has ended was found.
enum class expiry_search {
    range, ///< the server compared: its schema gives the attribute an ordering rule
    pages, ///< all entries with a date were read and compared here: without the rule a server answers nothing, silently
    changes, ///< what was to end since the last look, and what was changed since, as the memory of it knows: the same as by looking at all
};
/// "range", "pages", "changes".
VMAIL_EXPORT std::string_view name(expiry_search how) noexcept;

/// Whose time is looked at, and as of when.
struct expiry_options {
    timestamp as_of = timestamp::now();
    std::optional<domain_name> domain{};
    bool keeps_memory = false; ///< makes expiry_plan::memory, for which a week more is read; not for one domain alone
    std::optional<expiry_memory> memory{}; ///< what the last look kept
    std::function<bool()> stop{}; ///< asked between entries: true ends the search
};

/// What a run would do: made from a complete answer only, printed by a dry run and carried out by a real one.
struct expiry_plan {
    timestamp as_of;
    expiry_search how = expiry_search::pages;
    vmail::plan plan{};         ///< a change for each mailbox and alias whose time is up and that is still active
    std::vector<expiry> ends{}; ///< of each change, in the plan's order
    std::vector<unreadable_entry> malformed{}; ///< dates that are no dates, past or to come: reported, never expired
    std::size_t dated = 0;         ///< active entries with a date that were looked at for their time
    std::optional<expiry_memory> memory{}; ///< for the next look, also where this run does nothing of what it found
    bool reasons_recorded = true;  ///< false where the server has not loaded vmail.schema
};

/// Disables, each under the condition that it is as it was found and still active and expired, whatever has ended. A second run finds nothing left to do. Changes
/// nothing itself. Throws error(interrupted) when options.stop says so, limit_exceeded when the server cuts the list short, and error(configuration)
/// when its schema lacks the attribute that the site keeps ends in.
VMAIL_EXPORT expiry_plan plan_expiry(directory& d, const expiry_options& options);

} // namespace vmail
