#pragma once

#include <string_view>

#include <vmail/export.hpp>
#include <vmail/password.hpp>

namespace vmail {

/// The value of userPassword by which slapd checks what Dovecot (2.3, "doveadm pw -l") stores for an account, and Dovecot as well when it binds: "{BLF-CRYPT}$2y$..."
/// becomes "{CRYPT}$2y$...", "{PLAIN-MD5}" with hexadecimal digits "{MD5}" in base64. With an encoding at its end, as in "{SHA256.HEX}", each is taken, too. A
/// value that slapd has a name for itself, of whatever module, stays as it is, and "$6$salt$hash", as shadow(5) has it, is one of {CRYPT}.
///
/// Throws invalid_value, saying why, for what slapd has no way to check ({CRAM-MD5}, {SCRAM-SHA-256}, {NTLM}, ...), for what holds the password itself, and for
/// what is no hash of the form that its scheme has, or one with an unbearable_cost().
VMAIL_EXPORT password_hash from_dovecot(std::string_view value);

} // namespace vmail
