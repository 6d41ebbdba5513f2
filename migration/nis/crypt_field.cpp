#include <algorithm>
#include <cstddef>

#include <vmail/ascii.hpp>
#include <vmail/password_form.hpp>

#include "crypt_field.hpp"

namespace vmail::nis {

namespace {

/// The alphabet of crypt(3).
bool all_crypt64(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) { return ascii::is_alnum(c) || c == '.' || c == '/'; });
}

/// "hash,ageing": up to four characters of passwd(4) of System V. An empty password may have an age too.
std::string_view without_ageing(std::string_view text) {
    const std::size_t comma = text.rfind(',');
    if (comma == std::string_view::npos) return text;
    const std::string_view ageing = text.substr(comma + 1);
    const std::string_view hash = text.substr(0, comma);
    return ageing.size() <= 4 && all_crypt64(ageing) && (hash.empty() || is_crypt_hash(hash) || is_locked_crypt_hash(hash)) ? hash : text;
}

} // namespace

crypt_field crypt_field::parse(std::string_view field) noexcept {
    if (field.empty()) return {kind::empty, {}};
    if (field == "x" || field.starts_with("##")) return {kind::elsewhere, {}};
    if (field.front() == '{' && is_password_hash(field)) return {kind::scheme, field};
    if (is_crypt_hash(field)) return {kind::hash, field};
    const std::string_view hash = without_ageing(field);
    if (hash.empty()) return {kind::empty, {}};
    if (is_locked_crypt_hash(hash)) return {kind::locked, hash};
    return hash.size() < field.size() ? crypt_field{kind::aged, hash} : crypt_field{kind::unknown, field};
}

void crypt_field::append_attribute(std::string& out) const {
    if (what != kind::scheme) out += "{CRYPT}";
    out += stored;
}

std::string crypt_field::to_attribute() const {
    std::string value;
    append_attribute(value);
    return value;
}

} // namespace vmail::nis
