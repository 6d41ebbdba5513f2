#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <vmail/timestamp.hpp>

namespace vmail::mbox {

/// A date and time as somebody wrote it: the clock on his wall, and how far that was ahead of UTC, where he said so.
struct written_time {
    std::chrono::sys_seconds wall;
    std::optional<std::chrono::minutes> offset{};

    bool operator==(const written_time&) const = default;
};

/// A longer line is no From_ line.
inline constexpr std::size_t longest_from_line = 1000;

/// What blanks and line ends separate: the first 64.
std::vector<std::string_view> split_words(std::string_view text);

/// The words of a date as asctime(3) writes it, "Thu Nov 20 15:30:00 2003", also without seconds, with a year of two digits (50 to 99 are of the last
/// century), with a time zone before or behind the year, and with "remote from HOST" at the end; or as RFC 5322 does, "Thu, 20 Nov 2003 15:30:00 +0100".
/// Nothing for anything else: all the words have to be part of it.
std::optional<written_time> parse_date(std::span<const std::string_view> words);

/// The date in a From_ line, which begins with "From ". Nothing where the line has none that can be understood, or is longer than longest_from_line.
/// The sender may be missing, and may have blanks in it.
std::optional<written_time> parse_from_line(std::string_view line);

/// The date in the value of a header field Date or, behind the last semicolon, Received. Comments are passed over.
std::optional<written_time> parse_header_date(std::string_view value);

/// The instant; a time without an offset is one of the zone. One beyond what a timestamp holds is the nearest that it does.
timestamp instant_of(const written_time& written, const time_zone& zone);

} // namespace vmail::mbox
