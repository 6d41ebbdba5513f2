#pragma once

#include <chrono>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include <vmail/export.hpp>

namespace vmail {

/// A minute of the site's own clock, as vacationStart and vacationEnd hold it: YYYYMMDDhhmm.
class VMAIL_EXPORT local_minute {
public:
    /// Strict: 12 digits, a day that exists, 00:00 to 23:59. Throws invalid_value.
    static local_minute parse_digits(std::string_view text);
    /// "2026-08-01" (00:00) or "2026-08-01 14:30". Throws invalid_value.
    static local_minute parse(std::string_view text);
    std::string digits() const;
    std::string text() const; ///< "2026-08-01 14:30"
    auto operator<=>(const local_minute&) const = default;

private:
    explicit local_minute(std::chrono::minutes since_epoch) : since_epoch_(since_epoch) {}
    std::chrono::minutes since_epoch_;
};

/// The automatic answer of a mailbox (object class Vacation).
struct VMAIL_EXPORT vacation {
    bool active = false;                ///< vacationActive, always written
    std::optional<local_minute> start{};
    std::optional<local_minute> end{};
    std::string subject{}; ///< UTF-8
    std::string message{}; ///< UTF-8, LF line ends
    bool operator==(const vacation&) const = default;
};

} // namespace vmail
