#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <vmail/timestamp.hpp>

namespace vmail::activity {

/// The times at the beginning of the lines of one log, in the order of the lines: what a time leaves open is told by those before it.
class log_time {
public:
    /// A time without a year is no more than a day later than `latest`. `last` is what was read of the same log before.
    log_time(const time_zone& zone, std::int64_t latest, std::optional<std::int64_t> last);

    /// Takes the time and the blank behind it off a line, and returns the seconds since 1970. Nothing: the line begins with no time, and is left as it is.
    ///
    /// "Nov 29 14:51:09", of syslog and Dovecot, in the zone: the year is that of the line before, or one more where that was later by more than 31 days; of the first line, the last one that
    /// is possible. "2026-11-29T14:51:09" (RFC 3339), also with a blank for the T, with a fraction, and with "Z", "+01:00" or "+0100"; without these in the zone. An hour that the clocks of the zone
    /// show twice is the second one where the first would be more than five minutes before the line before.
    std::optional<std::int64_t> take(std::string_view& line);

    std::optional<std::int64_t> last() const noexcept { return last_; }
    /// The line that was read last is none of this log: this was the time before.
    void put_back(std::optional<std::int64_t> last) noexcept { last_ = last; }

private:
    /// What the clocks of the zone show as one minute: two moments where they were put back.
    struct minute {
        std::int64_t shown = -1, first = 0, second = 0;
    };
    /// The last minute that was read as text; many lines have the same.
    struct known_text {
        std::array<char, 16> text{};
        std::size_t size = 0;
        std::int64_t shown = 0;
    };

    std::optional<std::int64_t> take_without_year(std::string_view& line);
    std::optional<std::int64_t> take_with_year(std::string_view& line);
    std::optional<std::int64_t> shown_without_year(std::string_view text) const;
    static std::optional<std::int64_t> shown_with_year(std::string_view text);
    template <typename Read> std::optional<std::int64_t> shown(std::string_view text, Read read);
    std::int64_t in_zone(std::int64_t shown_minute, int second);
    const minute& minute_of(std::int64_t shown);
    std::int64_t in_likely_year(std::chrono::month month, std::chrono::day day, std::int64_t time_of_day) const;

    time_zone zone_;
    std::int64_t latest_;
    std::optional<std::int64_t> last_;
    known_text text_{};
    std::array<minute, 64> minutes_{}; // of several hosts whose clocks differ
};

} // namespace vmail::activity
