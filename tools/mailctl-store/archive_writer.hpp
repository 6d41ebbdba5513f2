#pragma once

#include <optional>
#include <string>

#include <vmail/descriptor.hpp>
#include <vmail/mail_store/tree.hpp>

#include "manifest.hpp"

namespace vmail::tools {

struct archived {
    manifest told;
    mail_store::inventory seen; ///< of the folder, as it was while it was read
};

/// Writes an archive, tar and zstd, to a descriptor: "entry.ldif", "mail/..." as far as there is a folder, "manifest". In memory is one block of it. Throws
/// conflict for a file that changes while it is read, unavailable for what cannot be read or written.
archived write_archive(int out, const std::string& heading, const std::string& entry, const std::optional<descriptor>& folder);

} // namespace vmail::tools
