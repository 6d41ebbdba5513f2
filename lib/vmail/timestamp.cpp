#include <array>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <date/tz.h>
#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/timestamp.hpp>
#include <vmail/zone_file.hpp>

namespace vmail {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using std::chrono::year_month_day;
using date::local_seconds;

constexpr int max_year = 9999;
constexpr sys_seconds epoch_begin{};
constexpr sys_seconds last_second = sys_days{std::chrono::year{max_year} / 12 / 31} + days{1} - seconds{1};

[[noreturn]] void refuse(std::string_view text, std::string_view what, std::string_view fault) {
    throw invalid_value(fmt::format("{} is not {}: {}", vmail::quoted(text), what, fault));
}

/// Takes fixed pieces off the front of a text.
class scanner {
public:
    explicit scanner(std::string_view text) : rest_(text) {}

    bool at_end() const { return rest_.empty(); }
    bool at_digit() const { return !rest_.empty() && ascii::is_digit(rest_.front()); }

    bool take(std::string_view any_of) {
        if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) return false;
        last_ = rest_.front();
        rest_.remove_prefix(1);
        return true;
    }
    char last() const { return last_; }

    /// Exactly so many digits.
    bool take_number(std::size_t digits, int& value) {
        const std::string_view piece = rest_.substr(0, digits);
        if (piece.size() != digits || !ascii::is_digits(piece)) return false;
        std::from_chars(piece.data(), piece.data() + piece.size(), value);
        rest_.remove_prefix(digits);
        return true;
    }

    void skip_digits() {
        while (at_digit()) rest_.remove_prefix(1);
    }

private:
    std::string_view rest_;
    char last_ = '\0';
};

struct date_fields {
    int year = 0;
    int month = 0;
    int day = 0;
};

struct time_fields {
    int hour = 0;
    int minute = 0;
    int second = 0;
};

std::optional<sys_days> to_day(const date_fields& f) {
    const year_month_day day{std::chrono::year{f.year}, std::chrono::month{static_cast<unsigned>(f.month)},
                             std::chrono::day{static_cast<unsigned>(f.day)}};
    return day.ok() ? std::optional<sys_days>(day) : std::nullopt;
}

std::optional<seconds> to_time_of_day(const time_fields& f) {
    if (f.hour > 23 || f.minute > 59 || f.second > 59) return std::nullopt;
    return hours{f.hour} + minutes{f.minute} + seconds{f.second};
}

/// A date and time whose zone is not said; the count is as if it were UTC.
sys_seconds combine(const date_fields& date, const time_fields& time, std::string_view text, std::string_view what) {
    const auto day = to_day(date);
    if (!day) refuse(text, what, "there is no such day");
    const auto time_of_day = to_time_of_day(time);
    if (!time_of_day) refuse(text, what, "there is no such time of day");
    return *day + *time_of_day;
}

bool scan_date(scanner& in, date_fields& f) {
    return in.take_number(4, f.year) && in.take("-") && in.take_number(2, f.month) && in.take("-") && in.take_number(2, f.day);
}

/// hh:mm[:ss[.fraction]]
bool scan_time(scanner& in, time_fields& f) {
    if (!in.take_number(2, f.hour) || !in.take(":") || !in.take_number(2, f.minute)) return false;
    if (!in.take(":")) return true;
    if (!in.take_number(2, f.second)) return false;
    if (!in.take(".")) return true;
    if (!in.at_digit()) return false;
    in.skip_digits();
    return true;
}

/// "Z", or "+hh:mm" with the given separator.
bool scan_offset(scanner& in, bool with_colon, seconds& offset) {
    if (in.take("Zz")) return true;
    if (!in.take("+-")) return false;
    const int sign = in.last() == '-' ? -1 : 1;
    int hour = 0;
    int minute = 0;
    if (!in.take_number(2, hour)) return false;
    const bool minutes_follow = with_colon ? in.take(":") : in.at_digit();
    if (minutes_follow ? !in.take_number(2, minute) : with_colon) return false;
    if (hour > 23 || minute > 59) return false;
    offset = sign * (hours{hour} + minutes{minute});
    return true;
}

timestamp storable(sys_seconds instant, std::string_view text, std::string_view what) {
    if (instant < epoch_begin) refuse(text, what, "it is before 1970 in UTC");
    if (instant > last_second) refuse(text, what, "it is after the year 9999 in UTC");
    return timestamp(instant);
}

constexpr std::string_view utc = "UTC"; // works on a machine without a database

const date::time_zone* find_zone(const std::string& name) {
    try {
        return date::locate_zone(name);
    } catch (const std::exception&) {
        return nullptr;
    }
}

bool is_known(const std::string& name) { return name == utc || find_zone(name) != nullptr; }

[[noreturn]] void refuse_zone(const std::string& name) {
    error_details details;
    details.hint = "give a name that is below /usr/share/zoneinfo, such as Europe/Rome, and install tzdata";
    throw error(error_kind::configuration,
                fmt::format("the time zone {} is not in the database of this system", vmail::quoted(name)), std::move(details));
}

const date::time_zone& get_zone(const std::string& name) {
    if (const auto* const zone = find_zone(name)) return *zone;
    refuse_zone(name);
}

/// The library ends each zone's list of changes where the file's table ends, in 2037, and ignores the rule that goes on from there. So
/// a later date is looked up in an earlier year whose days from 1 March on fall on the same weekdays, which is all that such rules depend
/// on: no zone changes its clocks in January or February any more.
days back_into_the_table(sys_days day) {
    constexpr std::chrono::year table_end{2037};
    const year_month_day ymd{day};
    if (ymd.year() <= table_end) return days{0};
    const sys_days march{ymd.year() / std::chrono::March / 1};
    auto year = table_end;
    const auto twin = [&year] { return sys_days{year / std::chrono::March / 1}; };
    while ((march - twin()) % days{7} != days{0}) --year;
    return march - twin();
}

bool is_past_the_table(sys_seconds change) { return change > last_second; }

seconds offset_at(const std::string& name, sys_seconds instant) {
    if (name == utc) return seconds{0};
    try {
        const date::time_zone& zone = get_zone(name);
        const date::sys_info info = zone.get_info(instant);
        if (!is_past_the_table(info.end)) return info.offset;
        return zone.get_info(instant - back_into_the_table(std::chrono::floor<days>(instant))).offset;
    } catch (const error&) {
        throw;
    } catch (const std::exception&) { // a file of the database that cannot be read
        refuse_zone(name);
    }
}

local_seconds to_local(const std::string& name, sys_seconds instant) {
    return local_seconds{(instant + offset_at(name, instant)).time_since_epoch()};
}

sys_seconds resolve(const date::local_info& info, local_seconds local) {
    if (info.result == date::local_info::nonexistent) return info.first.end;
    return sys_seconds{local.time_since_epoch()} - info.first.offset;
}

/// The first instant at which the clocks show this time, or skip it.
sys_seconds to_instant(const std::string& name, local_seconds local) {
    if (name == utc) return sys_seconds{local.time_since_epoch()};
    try {
        const date::time_zone& zone = get_zone(name);
        const date::local_info info = zone.get_info(local);
        if (!is_past_the_table(info.first.end)) return resolve(info, local);
        const days back = back_into_the_table(sys_days{std::chrono::floor<days>(local).time_since_epoch()});
        return resolve(zone.get_info(local - back), local - back) + back;
    } catch (const error&) {
        throw;
    } catch (const std::exception&) {
        refuse_zone(name);
    }
}

sys_seconds begin_of_day(const std::string& zone, sys_days day) {
    return to_instant(zone, local_seconds{day.time_since_epoch()});
}

sys_days local_day(const std::string& zone, sys_seconds instant) {
    return sys_days{std::chrono::floor<days>(to_local(zone, instant)).time_since_epoch()};
}

constexpr const char* zone_folder = "/usr/share/zoneinfo";
constexpr const char* zone_of_system = "/etc/localtime";

std::vector<std::string> zone_names() {
    std::vector<std::string> names;
    try {
        for (const date::time_zone& zone : date::get_tzdb().zones) names.push_back(zone.name());
    } catch (const std::exception&) {
        // No database: no names.
    }
    return names;
}

/// What Debian notes beside a copied /etc/localtime. It counts only where the file agrees.
std::string noted_name() {
    std::ifstream in("/etc/timezone");
    std::string name;
    std::getline(in, name);
    return name;
}

std::string zone_of(const std::string& file) {
    std::string name = zone_of_file(file, {zone_folder, zone_names}, file == zone_of_system ? noted_name() : std::string());
    return is_known(name) ? name : std::string();
}

[[noreturn]] void refuse_local_zone(const std::string& fault, const char* way_out) {
    error_details details;
    details.hint = way_out;
    throw error(error_kind::configuration, fault, std::move(details));
}

/// As date(1): a machine without the file keeps UTC.
std::string zone_of_machine() {
    std::error_code failed;
    if (!std::filesystem::exists(zone_of_system, failed)) return std::string(utc);
    std::string name = zone_of(zone_of_system);
    if (name.empty())
        refuse_local_zone(fmt::format("{} is no file of the time zone database", zone_of_system),
                          "make it a link to a file below /usr/share/zoneinfo, or set TZ to a name such as Europe/Rome");
    return name;
}

std::string zone_of_name(std::string_view value) {
    if (value.empty()) return std::string(utc);
    if (value.starts_with('/')) return zone_of(std::string(value));
    for (std::string name : {without_variant(value), zone_of_fixed_rule(value)})
        if (is_known(name)) return name;
    return zone_of(fmt::format("{}/{}", zone_folder, value));
}

bool counts_leap_seconds(std::string_view value) { return value.starts_with("right/") || value.find("/right/") != std::string_view::npos; }

std::string zone_of_environment(std::string_view value) {
    const std::string_view plain = value.substr(value.starts_with(':') ? 1 : 0);
    if (plain == zone_of_system) return zone_of_machine();
    std::string name = zone_of_name(plain);
    if (name.empty())
        refuse_local_zone(fmt::format("TZ is {}, which names no time zone of the database of this system", vmail::quoted(value)),
                          counts_leap_seconds(plain) ? "the zones below right count leap seconds, which no date here does: give it one such as Europe/Rome"
                                                     : "give it a name that is below /usr/share/zoneinfo, such as Europe/Rome");
    return name;
}

struct fields {
    int year;
    unsigned month;
    unsigned day;
    long hour;
    long minute;
    long second;
};

/// Of a count since 1970, in UTC or local.
fields split(seconds count) {
    const sys_seconds instant{count};
    const sys_days day = std::chrono::floor<days>(instant);
    const year_month_day ymd{day};
    const std::chrono::hh_mm_ss time{instant - day};
    return {static_cast<int>(ymd.year()), static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()),
            time.hours().count(), time.minutes().count(), time.seconds().count()};
}

std::string format_fields(fmt::format_string<int&, unsigned&, unsigned&, long&, long&, long&> pattern, fields f) {
    return fmt::format(pattern, f.year, f.month, f.day, f.hour, f.minute, f.second);
}

std::string compact(seconds count) { return format_fields("{:04}{:02}{:02}{:02}{:02}{:02}", split(count)); }

constexpr std::string_view an_expiry = "an expiry date";

/// The day n months later, or the last day of that month.
std::optional<sys_days> add_months(sys_days day, int months) {
    const year_month_day from{day};
    const int total = static_cast<int>(from.year()) * 12 + static_cast<int>(static_cast<unsigned>(from.month())) - 1 + months;
    if (total / 12 > max_year) return std::nullopt;
    const auto month = std::chrono::year{total / 12} / std::chrono::month{static_cast<unsigned>(total % 12 + 1)};
    const year_month_day same_day = month / from.day();
    return same_day.ok() ? sys_days{same_day} : sys_days{month / std::chrono::last};
}

std::optional<sys_days> add_span(sys_days day, int count, char unit) {
    switch (unit) {
    case 'd': return day + days{count};
    case 'w': return day + days{7 * count};
    case 'm': return add_months(day, count);
    default: return add_months(day, 12 * count);
    }
}

/// What a text must be, and how that is written.
struct expectation {
    std::string_view what;
    std::string_view forms;
};

/// "30d", also with a plus, after today.
sys_days read_span(std::string_view text, sys_days today, const expectation& expected) {
    constexpr std::size_t max_digits = 6; // so that no sum overflows
    const auto span = text.substr(text.starts_with('+') ? 1 : 0);
    const char unit = span.empty() ? ' ' : span.back();
    const auto digits = span.substr(0, span.size() - (span.empty() ? 0 : 1));
    if (digits.empty() || !ascii::is_digits(digits) || std::string_view("dwmy").find(unit) == std::string_view::npos) refuse(text, expected.what, expected.forms);
    int count = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), count);
    const auto day = digits.size() <= max_digits ? add_span(today, count, unit) : std::nullopt;
    if (!day) refuse(text, expected.what, "it is after the year 9999");
    return *day;
}

std::optional<sys_days> read_day(std::string_view text) {
    scanner in(text);
    date_fields date;
    if (!scan_date(in, date) || !in.at_end()) return std::nullopt;
    return to_day(date);
}

timestamp parse_moment(std::string_view text, const time_zone& zone, const expectation& expected) {
    const auto& [what, forms] = expected;
    if (text == "now") return timestamp::now();
    scanner in(text);
    date_fields date;
    time_fields time;
    if (!scan_date(in, date)) refuse(text, what, forms);
    const bool has_time = in.take(" Tt");
    if (has_time && !scan_time(in, time)) refuse(text, what, forms);
    if (in.at_end()) {
        const sys_seconds written = combine(date, time, text, what);
        return storable(to_instant(zone.name(), local_seconds{written.time_since_epoch()}), text, what);
    }
    seconds offset{0};
    if (!has_time || !scan_offset(in, true, offset) || !in.at_end()) refuse(text, what, forms);
    return storable(combine(date, time, text, what) - offset, text, what);
}

/// The first instant after it.
timestamp end_of_day(sys_days day, const time_zone& zone, std::string_view text) { return storable(begin_of_day(zone.name(), day + days{1}), text, an_expiry); }

} // namespace

time_zone time_zone::named(const std::string& name) {
    if (!is_known(name)) refuse_zone(name);
    return time_zone(name);
}

time_zone time_zone::local() {
    const char* const setting = std::getenv("TZ");
    return time_zone(setting != nullptr ? zone_of_environment(setting) : zone_of_machine());
}

timestamp timestamp::now() noexcept {
    return timestamp(std::chrono::floor<seconds>(std::chrono::system_clock::now()));
}

timestamp timestamp::from_epoch(std::int64_t seconds) noexcept {
    return timestamp(sys_seconds{std::chrono::seconds{seconds}});
}

timestamp timestamp::from_local(sys_seconds shown, const time_zone& zone) {
    return timestamp(to_instant(zone.name(), local_seconds{timestamp(shown).instant_.time_since_epoch()}));
}

timestamp timestamp::parse_digits(std::string_view text) {
    constexpr std::string_view what = "a date and time of the form YYYYMMDDhhmmss";
    scanner in(text);
    date_fields date;
    time_fields time;
    const bool complete = in.take_number(4, date.year) && in.take_number(2, date.month) && in.take_number(2, date.day) &&
                          in.take_number(2, time.hour) && in.take_number(2, time.minute) && in.take_number(2, time.second);
    if (!complete || !in.at_end()) refuse(text, what, "it does not have exactly 14 digits");
    return storable(combine(date, time, text, what), text, what);
}

std::string timestamp::digits() const {
    std::string text = compact(instant_.time_since_epoch());
    if (instant_ < epoch_begin) refuse(text, "a date that can be stored", "it is before 1970 in UTC");
    return text;
}

timestamp timestamp::parse_generalized(std::string_view text) {
    constexpr std::string_view what = "a generalized time";
    scanner in(text);
    date_fields date;
    time_fields time;
    seconds offset{0};
    const auto scan_fraction = [&in] {
        if (!in.take(".,")) return true;
        if (!in.at_digit()) return false;
        in.skip_digits();
        return true;
    };
    const bool complete = in.take_number(4, date.year) && in.take_number(2, date.month) && in.take_number(2, date.day) &&
                          in.take_number(2, time.hour) && (!in.at_digit() || in.take_number(2, time.minute)) &&
                          (!in.at_digit() || (in.take_number(2, time.second) && scan_fraction())) && scan_offset(in, false, offset);
    if (!complete || !in.at_end()) refuse(text, what, "the form is YYYYMMDDhhmmssZ");
    return timestamp(combine(date, time, text, what) - offset);
}

std::string timestamp::generalized() const { return compact(instant_.time_since_epoch()) + 'Z'; }

std::string timestamp::rfc3339() const {
    return format_fields("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", split(instant_.time_since_epoch()));
}

timestamp timestamp::parse(std::string_view text, const time_zone& zone) {
    return parse_moment(text, zone, {"a date and time", "the forms are 2026-12-31, 2026-12-31 14:30, 2026-12-31T14:30:00Z and now"});
}

std::string timestamp::local_text(const time_zone& zone) const {
    return format_fields("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", split(to_local(zone.name(), instant_).time_since_epoch()));
}

expiry expiry::parse(std::string_view text, const time_zone& zone, timestamp now) {
    constexpr expectation span{an_expiry, "a span is written as +30d, +6w, +3m or +1y"};
    const std::optional<sys_days> day = text.starts_with('+') ? read_span(text, local_day(zone.name(), now.instant()), span) : read_day(text);
    constexpr expectation expected{an_expiry, "the forms are 2026-12-31, +30d, +6w, +6m, +1y, 2026-12-31 14:30, 2026-12-31T14:30:00Z and now"};
    return expiry(day ? end_of_day(*day, zone, text) : parse_moment(text, zone, expected));
}

expiry expiry::parse_fixed(std::string_view text, const time_zone& zone) {
    constexpr expectation expected{an_expiry, "the forms are 2026-12-31, 2026-12-31 14:30 and 2026-12-31T14:30:00Z"};
    if (text.starts_with('+') || text == "now") refuse(text, expected.what, expected.forms);
    const auto day = read_day(text);
    return expiry(day ? end_of_day(*day, zone, text) : parse_moment(text, zone, expected));
}

expiry expiry::extended(std::string_view by, const time_zone& zone) const {
    constexpr expectation span{"a span of time", "one is written as 30d, 6w, 3m or 1y"};
    const sys_days day = local_day(zone.name(), at_.instant());
    if (at_.instant() == begin_of_day(zone.name(), day)) return expiry(storable(begin_of_day(zone.name(), read_span(by, day - days{1}, span) + days{1}), by, an_expiry));
    // What the clocks show, and not the hours since midnight, which are one more or less where they are changed.
    const seconds shown = to_local(zone.name(), at_.instant()).time_since_epoch() - day.time_since_epoch();
    return expiry(storable(to_instant(zone.name(), local_seconds{read_span(by, day, span).time_since_epoch() + shown}), by, an_expiry));
}

expiry expiry::from_attribute(std::string_view text) { return expiry(timestamp::parse_digits(text)); }

expiry expiry::from_days(std::string_view text, const time_zone& zone) {
    constexpr std::string_view what = "a number of days since 1970-01-01";
    constexpr std::size_t max_digits = 7; // 9999-12-31 is day 2932896
    if (!ascii::is_digits(text) || text.size() > max_digits) refuse(text, what, "one to seven digits are expected");
    int count = 0;
    std::from_chars(text.data(), text.data() + text.size(), count);
    if (count == 0) refuse(text, what, "day 0 stands for no date as well as for an ended account (shadow(5))");
    const sys_seconds begin = begin_of_day(zone.name(), sys_days{days{count}});
    if (begin > last_second) refuse(text, what, "it is after the year 9999");
    return expiry(timestamp(begin));
}

std::string expiry::to_days(const time_zone& zone) const {
    sys_days day = std::max(local_day(zone.name(), at_.instant()), sys_days{days{1}});
    while (begin_of_day(zone.name(), day) < at_.instant()) day += days{1};
    return fmt::format("{}", day.time_since_epoch().count());
}

std::string expiry::text(const time_zone& zone) const {
    const sys_days next_day = local_day(zone.name(), at_.instant());
    if (begin_of_day(zone.name(), next_day) != at_.instant()) {
        const sys_seconds shown{to_local(zone.name(), at_.instant()).time_since_epoch()};
        return timestamp::from_local(shown, zone) == at_ ? at_.local_text(zone) : at_.rfc3339();
    }
    const fields last = split(to_local(zone.name(), at_.instant() - seconds{1}).time_since_epoch());
    return fmt::format("{:04}-{:02}-{:02}", last.year, last.month, last.day);
}

} // namespace vmail
