#include <algorithm>
#include <cstring>

#include <vmail/ascii.hpp>

#include <vmail/activity/log_time.hpp>

namespace vmail::activity {

namespace {

using std::chrono::sys_days;
using std::chrono::sys_seconds;

constexpr std::int64_t day_seconds = 86'400;
constexpr std::int64_t never = -1;

/// -1: these are not two digits.
int two_digits(std::string_view text, std::size_t at) {
    const char tens = text[at] == ' ' ? '0' : text[at];
    if (!ascii::is_digit(tens) || !ascii::is_digit(text[at + 1])) return -1;
    return (tens - '0') * 10 + (text[at + 1] - '0');
}

std::optional<unsigned> month_of(std::string_view name) {
    constexpr std::string_view names = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const auto at = names.find(name);
    if (at == std::string_view::npos || at % 3 != 0) return std::nullopt;
    return static_cast<unsigned>(at / 3 + 1);
}

/// "hh:mm", as seconds of the day.
std::int64_t time_of_day(std::string_view text) {
    const int hour = two_digits(text, 0);
    const int minute = two_digits(text, 3);
    return text[2] == ':' && text[0] != ' ' && text[3] != ' ' && hour >= 0 && hour < 24 && minute >= 0 && minute < 60 ? hour * 3600 + minute * 60 : never;
}

/// ":ss" at this place; 60 is a leap second.
int second_at(std::string_view line, std::size_t at) {
    if (line.size() < at + 3 || line[at] != ':' || line[at + 1] == ' ') return -1;
    const int second = two_digits(line, at + 1);
    return second <= 60 ? second : -1;
}

std::int64_t seconds_of(sys_days day) { return std::chrono::duration_cast<std::chrono::seconds>(day.time_since_epoch()).count(); }

std::string_view without_fraction(std::string_view rest) {
    if (rest.empty() || (rest.front() != '.' && rest.front() != ',')) return rest;
    rest.remove_prefix(1);
    while (!rest.empty() && ascii::is_digit(rest.front())) rest.remove_prefix(1);
    return rest;
}

struct zone_offset {
    std::int64_t seconds;
    std::size_t size; ///< of its text
};

/// "Z", "+01:00" or "+0100" at the beginning.
std::optional<zone_offset> offset_of(std::string_view rest) {
    if (rest.starts_with('Z')) return zone_offset{0, 1};
    if (rest.size() < 5 || (rest.front() != '+' && rest.front() != '-')) return std::nullopt;
    const bool has_colon = rest[3] == ':';
    if (has_colon && rest.size() < 6) return std::nullopt;
    const int hours = two_digits(rest, 1);
    const int minutes = two_digits(rest, has_colon ? 4 : 3);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
    return zone_offset{(rest.front() == '-' ? -1 : 1) * (hours * 3600 + minutes * 60), has_colon ? 6U : 5U};
}

/// The blank behind a time; nothing else is one.
bool take_blank(std::string_view& rest) {
    if (!rest.starts_with(' ')) return false;
    rest.remove_prefix(1);
    return true;
}

} // namespace

log_time::log_time(const time_zone& zone, std::int64_t latest, std::optional<std::int64_t> last) : zone_(zone), latest_(latest), last_(last) {}

std::optional<std::int64_t> log_time::take(std::string_view& line) {
    if (line.empty()) return std::nullopt;
    const auto found = ascii::is_digit(line.front()) ? take_with_year(line) : take_without_year(line);
    if (found) last_ = found;
    return found;
}

std::optional<std::int64_t> log_time::take_without_year(std::string_view& line) {
    constexpr std::size_t size = 12; // "Nov 29 14:51"
    const int second = second_at(line, size);
    if (second < 0) return std::nullopt;
    std::string_view rest = without_fraction(line.substr(size + 3));
    if (!take_blank(rest)) return std::nullopt;
    const auto begun = shown(line.substr(0, size), [this](std::string_view text) { return shown_without_year(text); });
    if (!begun) return std::nullopt;
    line = rest;
    return in_zone(*begun, second);
}

std::optional<std::int64_t> log_time::take_with_year(std::string_view& line) {
    constexpr std::size_t size = 16; // "2026-11-29T14:51"
    const int second = second_at(line, size);
    if (second < 0) return std::nullopt;
    std::string_view rest = without_fraction(line.substr(size + 3));
    const auto offset = offset_of(rest);
    if (offset) rest.remove_prefix(offset->size);
    if (!take_blank(rest)) return std::nullopt;
    const auto begun = shown(line.substr(0, size), [](std::string_view text) { return shown_with_year(text); });
    if (!begun) return std::nullopt;
    line = rest;
    return offset ? *begun + second - offset->seconds : in_zone(*begun, second);
}

template <typename Read> std::optional<std::int64_t> log_time::shown(std::string_view text, Read read) {
    if (text_.size == text.size() && std::memcmp(text_.text.data(), text.data(), text.size()) == 0) return text_.shown;
    const std::optional<std::int64_t> found = read(text);
    if (!found) return std::nullopt;
    std::memcpy(text_.text.data(), text.data(), text.size());
    text_.size = text.size();
    text_.shown = *found;
    return found;
}

std::optional<std::int64_t> log_time::shown_without_year(std::string_view text) const {
    const auto month = month_of(text.substr(0, 3));
    const int day = two_digits(text, 4);
    const std::int64_t time = time_of_day(text.substr(7));
    if (!month || day < 1 || day > 31 || time == never || text[3] != ' ' || text[6] != ' ') return std::nullopt;
    const std::int64_t found = in_likely_year(std::chrono::month{*month}, std::chrono::day{static_cast<unsigned>(day)}, time);
    return found == never ? std::nullopt : std::optional(found);
}

std::int64_t log_time::in_likely_year(std::chrono::month month, std::chrono::day day, std::int64_t time) const {
    const auto in_year = [&](int year) {
        const std::chrono::year_month_day date{std::chrono::year{year}, month, day};
        return date.ok() ? seconds_of(sys_days(date)) + time : never;
    };
    const auto year_of = [](std::int64_t moment) { return static_cast<int>(std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(timestamp::from_epoch(moment).instant())}.year()); };
    const std::int64_t limit = latest_ + day_seconds;
    for (int year = last_ ? year_of(*last_) - 1 : 0, end = year + 3; last_ && year < end; ++year) {
        const std::int64_t found = in_year(year);
        if (found != never && found >= *last_ - 31 * day_seconds && found <= limit) return found;
    }
    for (int year = year_of(limit) + 1, tries = 10; tries > 0; --year, --tries) { // the 29th of February is rare
        const std::int64_t found = in_year(year);
        if (found != never && found <= limit) return found;
    }
    return never;
}

std::optional<std::int64_t> log_time::shown_with_year(std::string_view text) {
    const int century = two_digits(text, 0);
    const int year = two_digits(text, 2);
    const int month = two_digits(text, 5);
    const int day = two_digits(text, 8);
    const std::int64_t time = time_of_day(text.substr(11));
    if (century < 0 || year < 0 || month < 0 || day < 0 || time == never || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ')) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{century * 100 + year}, std::chrono::month{static_cast<unsigned>(month)}, std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok() || date.year() < std::chrono::year{1970}) return std::nullopt;
    return seconds_of(sys_days(date)) + time;
}

std::int64_t log_time::in_zone(std::int64_t shown_minute, int second) {
    constexpr std::int64_t out_of_order = 300;
    const minute& m = minute_of(shown_minute);
    const bool is_second = m.second != m.first && last_ && m.first + second < *last_ - out_of_order;
    return (is_second ? m.second : m.first) + second;
}

const log_time::minute& log_time::minute_of(std::int64_t shown) {
    minute& m = minutes_[static_cast<std::size_t>(shown / 60) % minutes_.size()];
    if (m.shown == shown) return m;
    const timestamp as_utc = timestamp::from_epoch(shown);
    const std::int64_t first = timestamp::from_local(as_utc.instant(), zone_).epoch();
    m = {shown, first, first};
    const time_zone utc = time_zone::named("UTC");
    for (const std::int64_t put_back : {1800, 3600}) // Lord Howe, and everybody else
        if (timestamp::from_epoch(first + put_back).local_text(zone_) == as_utc.local_text(utc)) m.second = first + put_back;
    return m;
}

} // namespace vmail::activity
