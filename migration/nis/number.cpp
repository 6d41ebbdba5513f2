#include <charconv>

#include <vmail/ascii.hpp>

#include "fields.hpp"
#include "number.hpp"

namespace vmail::nis {

namespace {

constexpr std::uint64_t largest_id = 4294967294U;
constexpr std::size_t most_digits = 18;

std::string_view without_leading_zeros(std::string_view digits) {
    while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
    return digits;
}

template <typename Number> std::optional<Number> read_digits(std::string_view digits) {
    if (!ascii::is_digits(digits)) return {};
    digits = without_leading_zeros(digits);
    if (digits.size() > most_digits) return {};
    Number value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

} // namespace

id_number parse_id(std::string_view text) noexcept {
    const std::string_view trimmed = trim(text);
    if (trimmed.starts_with('-') && ascii::is_digits(trimmed.substr(1))) return {id_number::verdict::negative, 0};
    const auto value = read_digits<std::uint64_t>(trimmed);
    if (!value || *value > largest_id) return {};
    const bool as_written = without_leading_zeros(trimmed).size() == text.size();
    return {as_written ? id_number::verdict::good : id_number::verdict::rewritten, static_cast<std::uint32_t>(*value)};
}

std::optional<std::int64_t> parse_age(std::string_view text) noexcept {
    text = trim(text);
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    const auto value = read_digits<std::int64_t>(text);
    if (!value) return {};
    return negative ? -*value : *value;
}

} // namespace vmail::nis
