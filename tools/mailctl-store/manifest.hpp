#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vmail::tools {

/// What an archive of a mailbox says of itself, in its last member: so that all of it can be looked at before anything of it is used.
struct manifest {
    std::string heading{}; ///< lines "name: value" of whoever archives: address, entry, folder, moments; nothing here reads them
    std::uint64_t files = 0, folders = 0, bytes = 0; ///< of the mail
    std::uint64_t others = 0;  ///< symbolic links: they are told, and not made again
    bool has_folder = false;   ///< there was a folder of mail, if only an empty one
    std::string entry_digest{}, mail_digest{}; ///< SHA-256, hexadecimal

    std::string text() const;
    /// Throws invalid_value.
    static manifest parse(std::string_view text);
    bool operator==(const manifest&) const = default;
};

} // namespace vmail::tools
