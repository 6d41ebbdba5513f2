#pragma once

#include <cstdint>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/export.hpp>
#include <vmail/maildir_size.hpp>
#include <vmail/quota.hpp>

namespace vmail {

/// What "doveadm quota get" says of one user: of the first of his quotas that has a limit of storage. Bytes are whole KiB.
struct doveadm_quota {
    std::optional<mail_size> used{};     ///< nothing: it could not tell
    std::optional<vmail::quota> limit{}; ///< of bytes; nothing: none
};

/// By login, in lower case.
using doveadm_quotas = std::map<std::string, doveadm_quota, std::less<>>;

/// Reads what "doveadm -f tab quota get -F FILE" prints. Throws invalid_value for what is no such table.
VMAIL_EXPORT doveadm_quotas parse_doveadm_quotas(std::string_view table);

/// What one call of doveadm said.
struct doveadm_answer {
    doveadm_quotas quotas{};
    std::string complaint{}; ///< the first line of its standard error, safe to print, or empty
};

/// How long it may be silent: to count anew what a large mailbox holds takes minutes.
inline constexpr std::chrono::minutes doveadm_patience{10};

/// Runs the program, a path or a name that PATH leads to, as "PROGRAM -f tab quota get -F FILE" for these users. Throws error(configuration) when it cannot be
/// started, error(unavailable) when it ends without a table, or was ended since it said nothing for so long.
VMAIL_EXPORT doveadm_answer ask_doveadm(const std::string& program, const std::vector<std::string>& users, std::chrono::milliseconds patience = doveadm_patience);

} // namespace vmail
