#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include <vmail/directory.hpp>
#include <vmail/domain_name.hpp>
#include <vmail/export.hpp>
#include <vmail/plan.hpp>
#include <vmail/timestamp.hpp>

namespace vmail {

/// Which answers are looked at, as of when, and how many may be closed at a time.
struct vacation_options {
    timestamp as_of = timestamp::now();
    std::optional<domain_name> domain{};
    std::optional<std::size_t> most{}; ///< no more answers are closed than so many, those that were over first
    std::function<bool()> stop{}; ///< asked between entries: true ends the search
};

/// What a run would do, from a complete answer only.
struct vacation_plan {
    vmail::plan plan{};
    std::vector<unreadable_entry> malformed{}; ///< dates that are no dates: their answers are left as they are
    std::size_t switched_on = 0; ///< answers that were looked at
    std::size_t left = 0;        ///< answers that are over, more than `most`
    bool can_wait = true;        ///< false where the server has not loaded vmail.schema, or an older one: no answer can be kept from its first day
    std::size_t early = 0;       ///< answers that wait where that is so
};

/// Makes of the dates of automatic answers what daemons see that read none, as gnarwl: closes those whose last minute has passed, by vacationActive; marks those whose
/// first has not come (vmailVacationWaits) and takes the mark away when it has. vacationActive is never set to TRUE, whatever the dates say: who switched his answer off
/// has it off. Each change is guarded by the version that was read; a second run finds nothing left to do. Changes nothing itself.
///
/// Throws error(interrupted) when options.stop says so, limit_exceeded when the server cuts the list short, not_found where there is no such domain.
VMAIL_EXPORT vacation_plan plan_vacation_windows(directory& d, const vacation_options& options);

} // namespace vmail
