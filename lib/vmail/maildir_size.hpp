#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <vmail/export.hpp>
#include <vmail/quota.hpp>

namespace vmail {

/// How much mail there is.
struct mail_size {
    std::uint64_t bytes = 0, messages = 0;
    bool operator==(const mail_size&) const = default;
};

/// What the file maildirsize in a Maildir says.
struct maildir_size {
    mail_size used{};
    std::optional<vmail::quota> limit{}; ///< nothing: its first line is empty, as no quota is
};

/// Reads a maildirsize (Courier's README.maildirquota, Dovecot's quota backend "maildir"): a quota, then lines of bytes and messages that were added, or
/// taken away, with blanks around them. How long it is does not matter. Throws invalid_value for what no count can be trusted of: another line, one without
/// its end, no line at all, a sum below 0.
VMAIL_EXPORT maildir_size parse_maildir_size(std::string_view text);

} // namespace vmail
