#pragma once

#include <compare>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <vmail/export.hpp>
#include <vmail/secret.hpp>

namespace vmail {

/// The hashes we make. All but ssha512 are verified by slapd, Dovecot and Courier alike (ssha512: not by Courier).
enum class password_scheme {
    yescrypt,     ///< {CRYPT}$y$j9T$...  the default: memory-hard
    sha512_crypt, ///< {CRYPT}$6$...
    bcrypt,       ///< {CRYPT}$2b$12$...  at most 72 bytes
    ssha512,      ///< {SSHA512}
    ssha,         ///< {SSHA}, with the 4 bytes of salt that Courier expects
};

/// "yescrypt", "sha512-crypt", "bcrypt", "ssha512", "ssha".
VMAIL_EXPORT std::string_view name(password_scheme scheme) noexcept;
/// All of them, the default first.
VMAIL_EXPORT std::span<const password_scheme> password_schemes() noexcept;
/// Throws invalid_value that lists the names.
VMAIL_EXPORT password_scheme parse_password_scheme(std::string_view text);

/// A value of userPassword. Like a secret it has no formatter; it may be offered to a dictionary.
class VMAIL_EXPORT password_hash {
public:
    /// As the directory holds it, RFC 2307 "{SCHEME}..." of any scheme that is_hash_scheme() knows, also with a damaged body. Throws invalid_value on an
    /// empty value and on clear text: no scheme, or one like {CLEARTEXT}.
    static password_hash from_attribute(std::string_view value);

    /// The stored value. For the directory only.
    const std::string& to_attribute() const noexcept { return value_; }

    /// The scheme's name as stored, upper case, "CRYPT", with the crypt(5) prefix where there is one: "CRYPT $y$".
    std::string scheme_name() const;

    /// Whether no password can ever match: {CRYPT}*, {CRYPT}!..., {CRYPT}*LK* and such.
    bool locked() const;

    /// The module of slapd, beside slapd itself, that such a value is checked with: "pw-sha2", "argon2", "pw-pbkdf2". Empty: none.
    std::string_view slapd_module() const noexcept;

private:
    explicit password_hash(std::string value) : value_(std::move(value)) {}
    std::string value_;
};

/// Hashes with a fresh salt from getrandom(2). Throws invalid_value for an empty password, one with a NUL, over 72 bytes for bcrypt, over 511 bytes (libcrypt's limit) for the rest.
VMAIL_EXPORT password_hash hash_password(const secret& password, password_scheme scheme = password_scheme::yescrypt);

/// Constant-time comparison; false for a locked or malformed hash. Empty when the scheme is one that we cannot check ({ARGON2}, {PBKDF2-...}, {SASL}).
/// {CRYPT} of every kind that libcrypt knows, {SSHA}, {SHA}, {SSHA256}, {SSHA512}, {SHA256}, {SHA512}, {SMD5}, {MD5} are checked.
VMAIL_EXPORT std::optional<bool> verify_password(const secret& password, const password_hash& hash);

/// For a new password. Throws limit_exceeded when it has fewer characters (of UTF-8).
VMAIL_EXPORT void require_length(const secret& password, std::size_t least);

/// Characters of generate_password(), hyphens included.
inline constexpr std::size_t generated_password_length = 24;

/// Letters and digits that cannot be mistaken for one another, in groups of four joined by hyphens: 20 characters, 116 bits or more ("k7Wq-...").
VMAIL_EXPORT secret generate_password();

} // namespace vmail
