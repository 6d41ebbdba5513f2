#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/vacation.hpp>

namespace vmail {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

/// Digits only.
unsigned number(std::string_view text) {
    unsigned value = 0;
    for (const char c : text) value = value * 10 + static_cast<unsigned>(c - '0');
    return value;
}

minutes from_fields(std::string_view text, std::string_view twelve_digits) {
    const std::chrono::year_month_day day{std::chrono::year(static_cast<int>(number(twelve_digits.substr(0, 4)))),
                                          std::chrono::month(number(twelve_digits.substr(4, 2))),
                                          std::chrono::day(number(twelve_digits.substr(6, 2)))};
    const unsigned hour = number(twelve_digits.substr(8, 2));
    const unsigned minute = number(twelve_digits.substr(10, 2));
    if (!day.ok()) throw invalid_value(fmt::format("{} is not a day that exists", quoted(text)));
    if (hour > 23 || minute > 59) throw invalid_value(fmt::format("{} has no such time of day: it goes from 00:00 to 23:59", quoted(text)));
    return std::chrono::sys_days(day).time_since_epoch() + hours(hour) + minutes(minute);
}

/// Whether every "0" of the shape is a digit and all else is as it stands there.
bool has_shape(std::string_view text, std::string_view shape) {
    if (text.size() != shape.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (shape[i] == '0' ? !ascii::is_digit(text[i]) : text[i] != shape[i]) return false;
    return true;
}

std::string digits_of(std::string_view text) {
    std::string digits;
    for (const char c : text)
        if (ascii::is_digit(c)) digits += c;
    return digits;
}

struct fields {
    std::chrono::year_month_day day;
    std::chrono::hh_mm_ss<minutes> time;
};

fields fields_of(minutes since_epoch) {
    const auto day = std::chrono::floor<days>(since_epoch);
    return {std::chrono::sys_days(day), std::chrono::hh_mm_ss<minutes>(since_epoch - day)};
}

std::string format(minutes since_epoch, fmt::format_string<const int&, const unsigned&, const unsigned&, const long&, const long&> shape) {
    const fields f = fields_of(since_epoch);
    const int year = static_cast<int>(f.day.year());
    const auto month = static_cast<unsigned>(f.day.month());
    const auto day = static_cast<unsigned>(f.day.day());
    const long hour = f.time.hours().count();
    const long minute = f.time.minutes().count();
    return fmt::format(shape, year, month, day, hour, minute);
}

} // namespace

local_minute local_minute::parse_digits(std::string_view text) {
    if (!has_shape(text, "000000000000")) throw invalid_value(fmt::format("{} is not a local time of the form YYYYMMDDhhmm", quoted(text)));
    return local_minute(from_fields(text, text));
}

local_minute local_minute::parse(std::string_view text) {
    if (has_shape(text, "0000-00-00")) return local_minute(from_fields(text, digits_of(text) + "0000"));
    if (has_shape(text, "0000-00-00 00:00")) return local_minute(from_fields(text, digits_of(text)));
    throw invalid_value(fmt::format("{} is not a local time such as \"2026-08-01\" or \"2026-08-01 14:30\"", quoted(text)));
}

std::string local_minute::digits() const { return format(since_epoch_, "{:04}{:02}{:02}{:02}{:02}"); }

std::string local_minute::text() const { return format(since_epoch_, "{:04}-{:02}-{:02} {:02}:{:02}"); }

} // namespace vmail
