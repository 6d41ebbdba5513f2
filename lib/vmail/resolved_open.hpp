#pragma once

#include <cstdint>
#include <string>

#include <linux/openat2.h>

/// Internal.
namespace vmail {

/// Opens what the path leads to below a folder, as RESOLVE_ flags of openat2(2) want it, and waits for nobody who writes to a pipe. The descriptor, which the
/// caller owns, or -1 with errno set: ENOSYS where the kernel is older than 5.6.
int open_resolved(int folder, const std::string& path, int flags, std::uint64_t resolve);

} // namespace vmail
