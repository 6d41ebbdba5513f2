#pragma once

#include <string>

#include "manifest.hpp"

namespace vmail::tools {

struct read_archive {
    std::string entry; ///< LDIF
    manifest told;
};

/// Reads an archive to its end and holds it against its manifest; nothing is written. `most` bytes of mail may be in it. Throws invalid_value for what no archive of ours
/// has (a path that leads out, a hard link, a device, a member twice or at the wrong place), for one that is damaged, cut off, or has more in it.
read_archive check_archive(int in, std::uint64_t most);

/// The same, and the mail is made below an empty folder as it is read: regular files and folders alone, never over anything, nothing behind a link. A symbolic link is
/// left out.
read_archive extract_archive(int in, std::uint64_t most, int folder);

/// Whether a folder holds what is in it: the same files of the same sizes and times, whatever else. Throws as check_archive().
bool is_extracted(int in, std::uint64_t most, int folder);

} // namespace vmail::tools
