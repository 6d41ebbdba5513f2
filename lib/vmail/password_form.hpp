#pragma once

#include <string_view>

#include <vmail/export.hpp>

/// Which values of userPassword are hashes, and which hold a password that anybody could read.
namespace vmail {

/// Whether crypt(3) makes such: "$6$salt$hash" and the other forms of crypt(5), or the 13 characters of DES, or the 20 of BSDi.
VMAIL_EXPORT bool is_crypt_hash(std::string_view text) noexcept;

/// Whether slapd, Dovecot or Courier check passwords by a scheme of this name ("SSHA", in any case) that does not keep the password itself, as CLEARTEXT
/// and PLAIN do. Dovecot's "SSHA.HEX" is one, too.
VMAIL_EXPORT bool is_hash_scheme(std::string_view name) noexcept;

/// Whether no password matches what stands behind {CRYPT} or the name of a digest: nothing, "!..." or "*...", "NP", "LK", "x".
VMAIL_EXPORT bool is_locked(std::string_view body) noexcept;

/// Whether that is known to hold no password: a mark alone as passwd(1) and others of its kind leave it ("!", "!!", "*", "!*", "*LK*", "*NP*", "NP", "x"), or one in
/// front of what crypt(3) makes. Free text behind a mark might be a password that somebody has kept that way.
VMAIL_EXPORT bool is_locked_crypt_hash(std::string_view body) noexcept;

/// Whether the value (RFC 2307, "{SCHEME}body") can be stored: of such a scheme, and with a body of the form that the scheme has, behind a lock mark
/// or not, or with such a mark alone.
VMAIL_EXPORT bool is_password_hash(std::string_view value) noexcept;

/// The two parts of "{SCHEME}body"; both empty where there is no name in braces.
struct stored_password {
    std::string_view scheme{};
    std::string_view body{};
};
/// Views into the value: it must outlive them.
VMAIL_EXPORT stored_password split_stored_password(std::string_view value) noexcept;

} // namespace vmail
