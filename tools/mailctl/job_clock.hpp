#pragma once

#include <string_view>

#include <cli/invocation.hpp>

namespace vmail::tools {

/// Before a job that goes by the clock: throws limit_exceeded where that is behind the directory, or far ahead of the last run, or for a first run of all of what was changed last
/// in the directory; keeps when this one was. The expiry run looks more often, where it runs on this machine, and counts as a run.
void require_good_clock(invocation& run, std::string_view job, bool is_accepted);

} // namespace vmail::tools
