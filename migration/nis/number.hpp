#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace vmail::nis {

/// A user or group id as passwd(5) and group(5) have them.
struct id_number {
    enum class verdict {
        good,
        rewritten, ///< good, but blanks or leading zeros were taken away
        negative,
        bad, ///< empty, no decimal number, or above 4294967294 (4294967295 is -1)
    };
    verdict what = verdict::bad;
    std::uint32_t value = 0; ///< meaningless unless good or rewritten
    bool usable() const noexcept { return what == verdict::good || what == verdict::rewritten; }
};
id_number parse_id(std::string_view text) noexcept;

/// A whole number of shadow(5), -1 included, or nothing. Blanks at the ends and leading zeros do not matter; at most 18 digits.
std::optional<std::int64_t> parse_age(std::string_view text) noexcept;

/// The digits of a number.
class decimal {
public:
    explicit decimal(std::int64_t value) noexcept
        : length_(static_cast<std::size_t>(std::to_chars(digits_.data(), digits_.data() + digits_.size(), value).ptr - digits_.data())) {}
    std::string_view text() const noexcept { return {digits_.data(), length_}; }

private:
    std::array<char, 24> digits_{};
    std::size_t length_;
};

} // namespace vmail::nis
