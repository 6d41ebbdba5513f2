#include <algorithm>
#include <array>

#include <vmail/password.hpp>
#include <vmail/password_form.hpp>
#include <vmail/password_strength.hpp>

namespace vmail {

namespace {

struct scheme_strength {
    std::string_view name; ///< as password_hash::scheme_name() has it
    password_strength strength;
};

using s = password_strength;

// All others are weak.
constexpr std::array known = {
    scheme_strength{"CRYPT $y$", s::strong},      scheme_strength{"CRYPT $gy$", s::strong},    scheme_strength{"CRYPT $7$", s::strong},
    scheme_strength{"CRYPT $2a$", s::strong},     scheme_strength{"CRYPT $2b$", s::strong},    scheme_strength{"CRYPT $2y$", s::strong},
    scheme_strength{"CRYPT $5$", s::strong},      scheme_strength{"CRYPT $6$", s::strong},     scheme_strength{"BLF-CRYPT", s::strong},
    scheme_strength{"SHA256-CRYPT", s::strong},   scheme_strength{"SHA512-CRYPT", s::strong},  scheme_strength{"ARGON2", s::strong},
    scheme_strength{"ARGON2I", s::strong},        scheme_strength{"ARGON2ID", s::strong},      scheme_strength{"PBKDF2", s::strong},
    scheme_strength{"PBKDF2-SHA1", s::strong},    scheme_strength{"PBKDF2-SHA256", s::strong}, scheme_strength{"PBKDF2-SHA512", s::strong},
    scheme_strength{"SCRAM-SHA-1", s::strong},    scheme_strength{"SCRAM-SHA-256", s::strong}, scheme_strength{"SASL", s::elsewhere},
    scheme_strength{"KERBEROS", s::elsewhere},    scheme_strength{"RADIUS", s::elsewhere},     scheme_strength{"UNIX", s::elsewhere},
    scheme_strength{"SSHA", s::fair},             scheme_strength{"SSHA256", s::fair},         scheme_strength{"SSHA384", s::fair},
    scheme_strength{"SSHA512", s::fair},
};

password_strength strength_of(std::string_view scheme) {
    const auto at = std::find_if(known.begin(), known.end(), [scheme](const scheme_strength& one) { return one.name == scheme; });
    return at != known.end() ? at->strength : s::weak;
}

/// The same in another encoding, as Dovecot writes it: "SSHA256.HEX".
std::string_view without_encoding(std::string_view scheme) { return scheme.substr(0, scheme.find('.')); }

password_kind kind_of(std::string_view value) {
    const auto [scheme, body] = split_stored_password(value);
    if (!is_hash_scheme(scheme)) return {"clear text", s::clear};
    std::string name = password_hash::from_attribute(value).scheme_name();
    const password_strength strength = is_locked(body) ? s::locked : strength_of(without_encoding(name));
    return {std::move(name), strength};
}

} // namespace

std::string_view name(password_strength strength) noexcept {
    constexpr std::array<std::string_view, 6> names = {"strong", "elsewhere", "locked", "fair", "weak", "clear"};
    return names[static_cast<std::size_t>(strength)];
}

std::vector<password_kind> kinds_of_passwords(const std::vector<std::string>& values) {
    std::vector<password_kind> kinds;
    for (const std::string& value : values) kinds.push_back(kind_of(value));
    return kinds;
}

} // namespace vmail
