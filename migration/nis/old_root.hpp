#pragma once

#include <string>

namespace vmail::nis {

/// Opens a file of the old server, whose / is the folder `root`: symbolic links, also absolute ones, are followed as they would be there, and nothing
/// leads out of it (openat2(2), RESOLVE_IN_ROOT). It does not wait for who writes to a pipe. The descriptor, which the caller owns, or -1 with errno set.
/// Throws error(configuration) where the kernel cannot.
int open_in_root(int root, const std::string& path, int flags = 0);

} // namespace vmail::nis
