#pragma once

#include <chrono>
#include <optional>

#include <vmail/directory.hpp>
#include <vmail/export.hpp>
#include <vmail/timestamp.hpp>

namespace vmail {

/// Before a job that goes by the clock of this machine. Throws limit_exceeded where that can hardly be right: the directory was changed more than five minutes after
/// `now`, the job's last look was as much later than `now`, or was so long ago that `longest_pause` has passed since. Throws denied for who sees no domains.
///
/// What is newest in the directory is its contextCSN, or where the server keeps none, any entryCSN that it lets us see.
VMAIL_EXPORT void require_plausible_clock(directory& d, timestamp now, const std::optional<timestamp>& last_look, std::chrono::seconds longest_pause);

/// For a job that has no last look to go by: throws the same where nothing below o=hosting was changed for so long, as if the clock were ahead by that. Of a server that cannot
/// order entryCSN nothing is known.
VMAIL_EXPORT void require_recent_change(directory& d, timestamp now, std::chrono::seconds longest_pause);

} // namespace vmail
