#pragma once

#include <charconv>
#include <chrono>
#include <optional>
#include <string_view>

/// Internal: for the library and the tools built with it.
namespace vmail {

/// A span of time as people write it in one word: "12h", "30d", "4w".
struct time_span {
    unsigned number;
    std::chrono::hours unit;

    std::chrono::hours length() const noexcept { return number * unit; }

    /// Nothing for anything else.
    static std::optional<time_span> parse(std::string_view text) {
        unsigned number = 0;
        const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
        const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
        if (status != std::errc{}) return std::nullopt;
        if (unit == "h") return time_span{number, std::chrono::hours(1)};
        if (unit == "d") return time_span{number, std::chrono::days(1)};
        if (unit == "w") return time_span{number, std::chrono::weeks(1)};
        return std::nullopt;
    }
};

} // namespace vmail
