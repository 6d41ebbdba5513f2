#pragma once

#include <optional>
#include <string>

#include <vmail/export.hpp>
#include <vmail/password.hpp>

namespace vmail {

/// What of a hash makes a login by it take a server longer than some seconds, or more memory than it has, as it is written there ("rounds=999999999"); nothing
/// for one that is as dear as people make them. Of crypt(5), argon2 and PBKDF2; what has no cost is never too dear.
VMAIL_EXPORT std::optional<std::string> unbearable_cost(const password_hash& hash);

} // namespace vmail
