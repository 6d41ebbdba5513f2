#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <vmail/ascii.hpp>

#include "crypt_field.hpp"

namespace vmail::nis {

namespace {

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

bool is_modular_hash(std::string_view text) {
    if (!text.starts_with('$')) return false;
    if (!all_modular(text)) return false;
    return std::any_of(modular_forms.begin(), modular_forms.end(), [text](const modular_form& form) {
        if (text.size() < 2 || text[1] != form.prefix[1] || !text.starts_with(form.prefix)) return false;
        const std::size_t length = text.size() - 1 - text.rfind('$');
        return form.hash_length == 0 ? length > 0 : length == form.hash_length;
    });
}

bool is_hash(std::string_view text) { return is_des(text) || is_bsdi(text) || is_modular_hash(text); }

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
