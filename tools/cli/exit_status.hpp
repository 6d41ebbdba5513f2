#pragma once

#include <vmail/error.hpp>

namespace vmail::tools {

/// Of several things not all went well; a dry run would change something (--detailed-exitcode).
inline constexpr int some_failed = 1, changes_pending = 2;

/// What our programs end with for a kind of failure: sysexits.h numbers where they exist, see mailctl(1).
int exit_status_of(error_kind kind) noexcept;
inline int exit_status_of(const error& e) noexcept { return exit_status_of(e.kind()); }

} // namespace vmail::tools
