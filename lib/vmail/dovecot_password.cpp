#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/base64.hpp>
#include <vmail/ldap/hex.hpp>
#include <vmail/printable.hpp>

#include <vmail/dovecot_password.hpp>
#include <vmail/password_cost.hpp>
#include <vmail/password_form.hpp>

namespace vmail {

namespace {

/// A stored value in its parts. With an encoding, "SHA256" and "HEX" of "{SHA256.HEX}", the body is decoded.
struct dovecot_value {
    std::string scheme{};
    std::string body{};
    bool is_decoded = false;
};

std::optional<std::string> from_hex(std::string_view text) {
    std::string bytes;
    for (; !text.empty(); text.remove_prefix(2)) {
        const auto byte = ldap::decode_hex_pair(text);
        if (!byte) return std::nullopt;
        bytes += *byte;
    }
    return bytes;
}

[[noreturn]] void refuse_scheme() { throw invalid_value("this is no hash: it does not begin with a scheme of hashes"); }

[[noreturn]] void refuse_form(std::string_view scheme) { throw invalid_value(fmt::format("this is no hash of {}", printable(scheme))); }

/// Bytes, as each digest stores them.
using bytes = std::string;

/// Without an encoding in its name a digest may be in hexadecimal digits if it is as long as that.
bytes bytes_of(const dovecot_value& v, std::size_t size) {
    if (v.is_decoded) return v.body;
    const auto found = v.body.size() == 2 * size ? from_hex(v.body) : ldap::base64_decode(v.body);
    return found ? *found : ldap::base64_decode(v.body).value_or("");
}

struct dovecot_scheme;
using converter = std::string (*)(const dovecot_value&, const dovecot_scheme&);

struct dovecot_scheme {
    std::string_view name;
    converter convert;
    std::string_view text = {}; ///< what slapd calls it, or why it cannot check it
    std::size_t size = 0;       ///< bytes of the digest
};

std::string digest(const dovecot_value& v, const dovecot_scheme& s) {
    const bytes found = bytes_of(v, s.size);
    if (found.size() != s.size) refuse_form(v.scheme);
    return fmt::format("{{{}}}{}", s.text, ldap::base64_encode(found));
}

/// The salt stands behind the digest, and has any length.
std::string salted(const dovecot_value& v, const dovecot_scheme& s) {
    const bytes found = v.is_decoded ? v.body : ldap::base64_decode(v.body).value_or("");
    if (found.size() <= s.size) refuse_form(v.scheme);
    return fmt::format("{{{}}}{}", s.text, ldap::base64_encode(found));
}

std::string crypt(const dovecot_value& v, const dovecot_scheme&) { return "{CRYPT}" + v.body; }

/// Dovecot's {MD5} is that of crypt(3), or of a digest without salt.
std::string md5(const dovecot_value& v, const dovecot_scheme& s) { return is_crypt_hash(v.body) ? crypt(v, s) : digest(v, s); }

std::string argon2(const dovecot_value& v, const dovecot_scheme&) { return "{ARGON2}" + v.body; }

/// As slapd's pw-pbkdf2 writes bytes.
std::string adapted_base64(std::string_view data) {
    std::string text = ldap::base64_encode(data);
    text.erase(std::min(text.find('='), text.size()));
    std::replace(text.begin(), text.end(), '+', '.');
    return text;
}

/// "$1$salt$rounds$hex" is "rounds$salt$key" there, which takes a salt of 16 bytes and no other.
std::string pbkdf2(const dovecot_value& v, const dovecot_scheme& s) {
    constexpr std::string_view version = "$1$";
    constexpr std::size_t salt_size = 16;
    if (!v.body.starts_with(version)) return fmt::format("{{{}}}{}", s.text, v.body);
    const std::string_view rest = std::string_view(v.body).substr(version.size());
    const std::size_t salt_end = rest.find('$'), rounds_end = rest.rfind('$');
    if (rounds_end == std::string_view::npos || salt_end == rounds_end) refuse_form(v.scheme);
    const std::string_view salt = rest.substr(0, salt_end), rounds = rest.substr(salt_end + 1, rounds_end - salt_end - 1);
    const auto key = from_hex(rest.substr(rounds_end + 1));
    if (!key || key->size() != s.size || !ascii::is_digits(rounds)) refuse_form(v.scheme);
    if (salt.size() != salt_size) throw invalid_value(fmt::format("slapd checks {} with a salt of {} bytes alone, and this one has {}", v.scheme, salt_size, salt.size()));
    return fmt::format("{{{}}}{}${}${}", s.text, rounds, adapted_base64(salt), adapted_base64(*key));
}

std::string refused(const dovecot_value& v, const dovecot_scheme& s) {
    throw invalid_value(fmt::format("slapd cannot check a password by {}: {}", v.scheme, s.text));
}

constexpr std::string_view of_one_login = "it is made for logins of that kind, and slapd has no such scheme";
constexpr std::string_view no_such_scheme = "it has no such scheme";
constexpr std::string_view one_time = "these are passwords for one use each";
constexpr std::string_view in_clear = "it holds the password itself, and not its hash";

constexpr std::array schemes = {
    dovecot_scheme{"CRYPT", crypt},
    dovecot_scheme{"DES-CRYPT", crypt},
    dovecot_scheme{"MD5-CRYPT", crypt},
    dovecot_scheme{"BLF-CRYPT", crypt},
    dovecot_scheme{"SHA256-CRYPT", crypt},
    dovecot_scheme{"SHA512-CRYPT", crypt},
    dovecot_scheme{"SHA", digest, "SHA", 20},
    dovecot_scheme{"SHA1", digest, "SHA", 20},
    dovecot_scheme{"SHA256", digest, "SHA256", 32},
    dovecot_scheme{"SHA384", digest, "SHA384", 48},
    dovecot_scheme{"SHA512", digest, "SHA512", 64},
    dovecot_scheme{"SSHA", salted, "SSHA", 20},
    dovecot_scheme{"SSHA256", salted, "SSHA256", 32},
    dovecot_scheme{"SSHA384", salted, "SSHA384", 48},
    dovecot_scheme{"SSHA512", salted, "SSHA512", 64},
    dovecot_scheme{"MD5", md5, "MD5", 16},
    dovecot_scheme{"LDAP-MD5", digest, "MD5", 16},
    dovecot_scheme{"PLAIN-MD5", digest, "MD5", 16},
    dovecot_scheme{"SMD5", salted, "SMD5", 16},
    dovecot_scheme{"ARGON2", argon2},
    dovecot_scheme{"ARGON2I", argon2},
    dovecot_scheme{"ARGON2ID", argon2},
    dovecot_scheme{"PBKDF2", pbkdf2, "PBKDF2-SHA1", 20},
    dovecot_scheme{"CRAM-MD5", refused, of_one_login},
    dovecot_scheme{"HMAC-MD5", refused, of_one_login},
    dovecot_scheme{"DIGEST-MD5", refused, of_one_login},
    dovecot_scheme{"SCRAM-SHA-1", refused, of_one_login},
    dovecot_scheme{"SCRAM-SHA-256", refused, of_one_login},
    dovecot_scheme{"NTLM", refused, of_one_login},
    dovecot_scheme{"LANMAN", refused, of_one_login},
    dovecot_scheme{"RPA", refused, of_one_login},
    dovecot_scheme{"PLAIN-MD4", refused, no_such_scheme},
    dovecot_scheme{"OTP", refused, one_time},
    dovecot_scheme{"SKEY", refused, one_time},
    dovecot_scheme{"PLAIN", refused, in_clear},
    dovecot_scheme{"PLAIN-TRUNC", refused, in_clear},
    dovecot_scheme{"CLEAR", refused, in_clear},
    dovecot_scheme{"CLEARTEXT", refused, in_clear},
};

const dovecot_scheme* find_scheme(std::string_view name) {
    const auto at = std::find_if(schemes.begin(), schemes.end(), [name](const dovecot_scheme& s) { return s.name == name; });
    return at != schemes.end() ? &*at : nullptr;
}

std::optional<std::string> decode(std::string_view encoding, std::string_view body) {
    if (encoding == "HEX") return from_hex(body);
    if (encoding == "B64" || encoding == "BASE64") return ldap::base64_decode(body);
    return std::nullopt;
}

dovecot_value parse(std::string_view scheme, std::string_view body) {
    const std::string name = ascii::to_upper(scheme);
    const std::size_t dot = name.find('.');
    if (dot == std::string::npos) return {name, std::string(body)};
    const auto decoded = decode(std::string_view(name).substr(dot + 1), body);
    if (!decoded && !is_hash_scheme(name)) refuse_scheme();
    if (!decoded) refuse_form(name);
    return {name.substr(0, dot), *decoded, true};
}

std::string convert(const dovecot_value& v, const dovecot_scheme& s) {
    const bool locked = is_locked_crypt_hash(v.body) && s.convert != refused; // what holds passwords may hold "x"
    return locked ? crypt(v, s) : s.convert(v, s);
}

/// Whoever may give a hash could keep the server busy with one login.
password_hash bearable(password_hash hash) {
    if (const auto cost = unbearable_cost(hash)) throw invalid_value(fmt::format("a login by this hash would take the server too long: {}", printable(*cost)));
    return hash;
}

/// As shadow(5) and a passwd-file of Dovecot have it. What does not begin so could be a password.
bool is_bare_crypt(std::string_view value) { return value.starts_with('$') && is_crypt_hash(value); }

} // namespace

password_hash from_dovecot(std::string_view value) {
    if (is_bare_crypt(value)) return bearable(password_hash::from_attribute("{CRYPT}" + std::string(value)));
    const auto [name, body] = split_stored_password(value);
    if (name.empty()) throw invalid_value("this is no hash: it does not begin with {SCHEME}");
    const dovecot_value v = parse(name, body);
    const auto* const scheme = find_scheme(v.scheme);
    if (scheme == nullptr && !is_hash_scheme(name)) refuse_scheme();
    const std::string made = scheme != nullptr ? convert(v, *scheme) : std::string(value);
    if (!is_password_hash(made)) refuse_form(v.scheme);
    return bearable(password_hash::from_attribute(made));
}

} // namespace vmail
