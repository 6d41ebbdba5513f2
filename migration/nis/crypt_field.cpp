#include <algorithm>
#include <array>
#include <cstddef>

#include <vmail/ascii.hpp>

#include "crypt_field.hpp"

namespace vmail::nis {

namespace {

/// The alphabet of crypt(3).
constexpr bool is_crypt64(char c) { return ascii::is_alnum(c) || c == '.' || c == '/'; }

constexpr std::array<bool, 256> make_bytes(bool with_separators) {
    std::array<bool, 256> bytes{};
    for (unsigned byte = 0; byte < bytes.size(); ++byte) {
        const char c = static_cast<char>(byte);
        bytes[byte] = is_crypt64(c) || (with_separators && (c == '$' || c == '=' || c == ',' || c == '-'));
    }
    return bytes;
}
constexpr auto crypt64_bytes = make_bytes(false);
constexpr auto modular_bytes = make_bytes(true);

bool all_of(std::string_view text, const std::array<bool, 256>& bytes) {
    bool all = true;
    for (const char c : text) all &= bytes[static_cast<unsigned char>(c)];
    return all;
}

bool all_crypt64(std::string_view text) { return all_of(text, crypt64_bytes); }

bool is_des(std::string_view text) { return text.size() == 13 && all_crypt64(text); }
bool is_bsdi(std::string_view text) { return text.size() == 20 && text.front() == '_' && all_crypt64(text.substr(1)); }

struct modular_form {
    std::string_view prefix;
    std::size_t hash_length; ///< of the part behind the last "$"; 0: it varies
};

// crypt(5)
constexpr std::array modular_forms = {modular_form{"$1$", 22},  modular_form{"$2a$", 53}, modular_form{"$2b$", 53}, modular_form{"$2x$", 53},
                                      modular_form{"$2y$", 53}, modular_form{"$5$", 43},  modular_form{"$6$", 86},  modular_form{"$y$", 43},
                                      modular_form{"$gy$", 43}, modular_form{"$7$", 43},  modular_form{"$3$", 0},   modular_form{"$sha1$", 0},
                                      modular_form{"$md5", 0}};

bool is_modular(std::string_view text) {
    if (!text.starts_with('$')) return false;
    if (!all_of(text, modular_bytes)) return false;
    return std::any_of(modular_forms.begin(), modular_forms.end(), [text](const modular_form& form) {
        if (!text.starts_with(form.prefix)) return false;
        const std::size_t length = text.size() - 1 - text.rfind('$');
        return form.hash_length == 0 ? length > 0 : length == form.hash_length;
    });
}

bool is_hash(std::string_view text) { return is_des(text) || is_bsdi(text) || is_modular(text); }

bool has_scheme(std::string_view text) {
    const std::size_t end = text.find('}');
    return text.starts_with('{') && end != std::string_view::npos && end > 1 && end + 1 < text.size();
}

bool is_locked(std::string_view text) { return text.front() == '*' || text.front() == '!' || text == "NP"; }

/// "hash,ageing": up to four characters of passwd(4) of System V. An empty password may have an age too.
std::string_view without_ageing(std::string_view text) {
    const std::size_t comma = text.rfind(',');
    if (comma == std::string_view::npos) return text;
    const std::string_view ageing = text.substr(comma + 1);
    const std::string_view hash = text.substr(0, comma);
    return ageing.size() <= 4 && all_crypt64(ageing) && (hash.empty() || is_hash(hash)) ? hash : text;
}

} // namespace

crypt_field crypt_field::parse(std::string_view field) noexcept {
    if (field.empty()) return {kind::empty, {}};
    if (field == "x" || field.starts_with("##")) return {kind::elsewhere, {}};
    if (has_scheme(field)) return {kind::scheme, field};
    if (is_hash(field)) return {kind::hash, field};
    if (is_locked(field)) return {kind::locked, field};
    const std::string_view hash = without_ageing(field);
    if (hash.empty()) return {kind::empty, {}};
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
