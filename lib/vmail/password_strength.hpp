#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <vmail/export.hpp>

namespace vmail {

/// How well a stored password is kept from one who reads it, the best first.
enum class password_strength {
    strong,    ///< each guess costs by design: yescrypt, bcrypt, SHA-crypt, argon2, PBKDF2, scrypt
    elsewhere, ///< another service checks it: {SASL} and such
    locked,    ///< no password matches
    fair,      ///< a salted digest of SHA: guesses are cheap, and each account takes its own
    weak,      ///< without salt, or by MD5 or DES
    clear,     ///< the password itself, or a scheme that nobody knows
};

/// "strong", "elsewhere", "locked", "fair", "weak", "clear".
VMAIL_EXPORT std::string_view name(password_strength strength) noexcept;

/// What is to be said of a stored password without showing it.
struct password_kind {
    std::string scheme; ///< as password_hash::scheme_name(), or "clear text"
    password_strength strength;
};

/// Of the values of userPassword, in their order: any values at all.
VMAIL_EXPORT std::vector<password_kind> kinds_of_passwords(const std::vector<std::string>& values);

} // namespace vmail
