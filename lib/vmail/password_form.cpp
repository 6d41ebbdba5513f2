#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <vmail/ascii.hpp>

#include <vmail/password_form.hpp>

namespace vmail {

namespace {

// ---- crypt(5)

constexpr std::uint64_t each_byte = 0x0101010101010101U;
constexpr std::uint64_t high_bits = 0x8080808080808080U;

// The high bit of each byte of a word says whether it holds; in words with bytes above 0x7F, which are in no alphabet, not for sure.
constexpr std::uint64_t at_least(std::uint64_t word, char c) noexcept { return word + each_byte * static_cast<std::uint64_t>(0x80 - c); }
constexpr std::uint64_t in_range(std::uint64_t word, char first, char last) noexcept {
    return at_least(word, first) & ~at_least(word, static_cast<char>(last + 1));
}

/// The alphabet of crypt(3): letters, and "./0123456789", which follow each other.
constexpr std::uint64_t crypt64(std::uint64_t word) noexcept { return in_range(word | (each_byte * 0x20U), 'a', 'z') | in_range(word, '.', '9'); }

bool all_crypt64(std::string_view text) noexcept {
    return (ascii::any_of_words(text, [](std::uint64_t word) { return word | ~crypt64(word); }) & high_bits) == 0;
}

/// That, and what stands between the parts of a modular hash.
bool all_modular(std::string_view text) noexcept {
    const auto good = [](std::uint64_t word) {
        return crypt64(word) | in_range(word, '$', '$') | in_range(word, '=', '=') | in_range(word, ',', '-');
    };
    return (ascii::any_of_words(text, [good](std::uint64_t word) { return word | ~good(word); }) & high_bits) == 0;
}

bool is_des(std::string_view text) noexcept { return text.size() == 13 && all_crypt64(text); }
bool is_bsdi(std::string_view text) noexcept { return text.size() == 20 && text.front() == '_' && all_crypt64(text.substr(1)); }

struct modular_form {
    std::string_view prefix;
    std::size_t hash_length; ///< of the part behind the last "$"; 0: it varies
};

constexpr std::array modular_forms = {modular_form{"$1$", 22},  modular_form{"$2a$", 53}, modular_form{"$2b$", 53}, modular_form{"$2x$", 53},
                                      modular_form{"$2y$", 53}, modular_form{"$5$", 43},  modular_form{"$6$", 86},  modular_form{"$y$", 43},
                                      modular_form{"$gy$", 43}, modular_form{"$7$", 43},  modular_form{"$3$", 0},   modular_form{"$sha1$", 0},
                                      modular_form{"$md5", 0}};

bool is_modular_hash(std::string_view text) noexcept {
    if (!text.starts_with('$')) return false;
    if (!all_modular(text)) return false;
    return std::any_of(modular_forms.begin(), modular_forms.end(), [text](const modular_form& form) {
        if (text.size() < 2 || text[1] != form.prefix[1] || !text.starts_with(form.prefix)) return false;
        const std::size_t length = text.size() - 1 - text.rfind('$');
        return form.hash_length == 0 ? length > 0 : length == form.hash_length;
    });
}

// ---- the schemes

bool is_base64(std::string_view text) noexcept {
    if (text.empty() || text.size() % 4 != 0) return false;
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    return std::all_of(text.begin(), text.end(), [](char c) { return ascii::is_alnum(c) || c == '+' || c == '/'; });
}

bool is_hex(std::string_view text) noexcept { return !text.empty() && text.size() % 2 == 0 && std::all_of(text.begin(), text.end(), ascii::is_xdigit); }

std::size_t base64_bytes(std::string_view text) noexcept {
    return text.size() / 4 * 3 - static_cast<std::size_t>(std::count(text.begin(), text.end(), '='));
}

/// Bytes in base64, or as Dovecot takes them, too, in hexadecimal digits.
template <typename Size> bool is_bytes(std::string_view text, Size good) noexcept {
    return (is_hex(text) && good(text.size() / 2)) || (is_base64(text) && good(base64_bytes(text)));
}

// ---- what locks

constexpr std::array lock_words = {std::string_view("*LK*"), std::string_view("*NP*"), std::string_view("*LOCKED*"), std::string_view("*NOLOGIN*")};

/// "$6$..." of "*LK*!$6$...".
std::string_view without_marks(std::string_view body) noexcept {
    while (!body.empty()) {
        const auto word = std::find_if(lock_words.begin(), lock_words.end(), [body](std::string_view w) { return body.starts_with(w); });
        if (word == lock_words.end() && body.front() != '!' && body.front() != '*') break;
        body.remove_prefix(word != lock_words.end() ? word->size() : 1);
    }
    return body;
}

bool is_mark_alone(std::string_view unmarked) noexcept { return unmarked.empty() || unmarked == "x" || unmarked == "NP" || unmarked == "LK"; }

bool is_crypt(std::string_view body, std::size_t) { return is_crypt_hash(body) || is_locked_crypt_hash(body); }

bool is_digest(std::string_view body, std::size_t size) {
    const auto bytes = without_marks(body);
    return is_mark_alone(bytes) || is_bytes(bytes, [size](std::size_t n) { return n == size; });
}

bool is_salted(std::string_view body, std::size_t size) {
    const auto bytes = without_marks(body);
    return is_mark_alone(bytes) || is_bytes(bytes, [size](std::size_t n) { return n > size; });
}

/// Dovecot's {MD5} is what crypt(3) makes as "$1$".
bool is_md5(std::string_view body, std::size_t size) { return is_digest(body, size) || is_crypt(body, size); }

bool has_parts(std::string_view body, char between, std::ptrdiff_t count) {
    return ascii::all_printable(body) && body.find(' ') == std::string_view::npos && std::count(body.begin(), body.end(), between) >= count;
}

bool is_argon2(std::string_view body, std::size_t) { return body.starts_with("$argon2") && has_parts(body, '$', 4); }
bool is_pbkdf2(std::string_view body, std::size_t) { return has_parts(body, '$', 2) && (body.starts_with('$') || ascii::is_digit(body.front())); }
bool is_scram(std::string_view body, std::size_t) { return has_parts(body, ',', 3) && ascii::is_digit(body.front()); }
/// The password is somewhere else, under this name.
bool is_name(std::string_view body, std::size_t) { return !body.empty() && has_parts(body, ' ', 0); }

struct scheme_form {
    std::string_view name;
    bool (*fits)(std::string_view body, std::size_t size);
    std::size_t size = 0; ///< bytes of the digest
};

// RFC 2307, slapd with its modules pw-sha2, pw-pbkdf2, argon2 and those of slapd-contrib, and "doveadm pw -l". None of TOTP, OTP and SKEY, which
// are no passwords.
constexpr std::array forms = {
    scheme_form{"CRYPT", is_crypt},
    scheme_form{"SSHA", is_salted, 20},
    scheme_form{"SHA", is_digest, 20},
    scheme_form{"SSHA256", is_salted, 32},
    scheme_form{"SHA256", is_digest, 32},
    scheme_form{"SSHA384", is_salted, 48},
    scheme_form{"SHA384", is_digest, 48},
    scheme_form{"SSHA512", is_salted, 64},
    scheme_form{"SHA512", is_digest, 64},
    scheme_form{"SMD5", is_salted, 16},
    scheme_form{"MD5", is_md5, 16},
    scheme_form{"ARGON2", is_argon2},
    scheme_form{"ARGON2I", is_argon2},
    scheme_form{"ARGON2ID", is_argon2},
    scheme_form{"PBKDF2", is_pbkdf2},
    scheme_form{"PBKDF2-SHA1", is_pbkdf2},
    scheme_form{"PBKDF2-SHA256", is_pbkdf2},
    scheme_form{"PBKDF2-SHA512", is_pbkdf2},
    scheme_form{"SASL", is_name},
    scheme_form{"KERBEROS", is_name},
    scheme_form{"RADIUS", is_name},
    scheme_form{"UNIX", is_name},
    scheme_form{"APR1", is_salted, 16},
    scheme_form{"BSDMD5", is_salted, 16},
    scheme_form{"NS-MTA-MD5", is_salted, 16},
    scheme_form{"SHA1", is_digest, 20},
    scheme_form{"LDAP-MD5", is_digest, 16},
    scheme_form{"PLAIN-MD4", is_digest, 16},
    scheme_form{"PLAIN-MD5", is_digest, 16},
    scheme_form{"DIGEST-MD5", is_digest, 16},
    scheme_form{"CRAM-MD5", is_digest, 32},
    scheme_form{"HMAC-MD5", is_digest, 32},
    scheme_form{"NTLM", is_digest, 16},
    scheme_form{"LANMAN", is_digest, 16},
    scheme_form{"RPA", is_digest, 16},
    scheme_form{"SCRAM-SHA-1", is_scram},
    scheme_form{"SCRAM-SHA-256", is_scram},
    scheme_form{"DES-CRYPT", is_crypt},
    scheme_form{"MD5-CRYPT", is_crypt},
    scheme_form{"BLF-CRYPT", is_crypt},
    scheme_form{"SHA256-CRYPT", is_crypt},
    scheme_form{"SHA512-CRYPT", is_crypt},
};

const scheme_form* find_form(std::string_view name) noexcept {
    const auto at = std::find_if(forms.begin(), forms.end(), [name](const scheme_form& form) { return ascii::iequals(form.name, name); });
    return at != forms.end() ? &*at : nullptr;
}

/// "SSHA" and ".HEX": Dovecot takes every scheme in either encoding.
struct encoded_name {
    std::string_view name, encoding;
};

encoded_name take_apart(std::string_view name) noexcept {
    const std::size_t dot = name.find('.');
    return dot == std::string_view::npos ? encoded_name{name, {}} : encoded_name{name.substr(0, dot), name.substr(dot + 1)};
}

bool is_base64_name(std::string_view encoding) noexcept { return ascii::iequals(encoding, "B64") || ascii::iequals(encoding, "BASE64"); }
bool is_encoding(std::string_view encoding) noexcept { return encoding.empty() || ascii::iequals(encoding, "HEX") || is_base64_name(encoding); }

} // namespace

bool is_crypt_hash(std::string_view text) noexcept { return is_des(text) || is_bsdi(text) || is_modular_hash(text); }

bool is_hash_scheme(std::string_view name) noexcept {
    const auto [bare, encoding] = take_apart(name);
    return find_form(bare) != nullptr && is_encoding(encoding) && !name.ends_with('.');
}

bool is_locked(std::string_view body) noexcept {
    return is_mark_alone(body) || body.front() == '*' || body.front() == '!';
}

bool is_locked_crypt_hash(std::string_view body) noexcept {
    const auto hash = without_marks(body);
    return is_mark_alone(hash) || (hash.size() < body.size() && is_crypt_hash(hash));
}

stored_password split_stored_password(std::string_view value) noexcept {
    const std::size_t end = value.find('}');
    if (!value.starts_with('{') || end == std::string_view::npos || end == 1) return {};
    return {value.substr(1, end - 1), value.substr(end + 1)};
}

bool is_password_hash(std::string_view value) noexcept {
    const auto [scheme, body] = split_stored_password(value);
    if (!is_hash_scheme(scheme)) return false;
    const auto [name, encoding] = take_apart(scheme);
    if (encoding.empty()) {
        const scheme_form* const form = find_form(name);
        return form->fits(body, form->size);
    }
    return is_base64_name(encoding) ? is_base64(body) : is_hex(body);
}

} // namespace vmail
