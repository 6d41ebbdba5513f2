#pragma once

#include <string_view>

#include <cli/invocation.hpp>

namespace vmail::tools {

/// Where nothing was "found", or "listed": says so to whoever does not see all, to whom that is no proof.
void note_sight(invocation& run, std::string_view done);

} // namespace vmail::tools
