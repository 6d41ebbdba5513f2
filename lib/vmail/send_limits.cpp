#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/send_limits.hpp>

namespace vmail {

namespace {

constexpr std::string_view no_limit = "none";
constexpr std::uint64_t most_recipients = 1'000'000'000;
constexpr std::size_t most_limits = 8; // schema/rspamd/limits.lua looks at as many
constexpr std::chrono::seconds longest = std::chrono::days(31);

struct period_unit {
    char letter;
    std::chrono::seconds length;
};
constexpr std::array units = {period_unit{'d', std::chrono::days(1)}, period_unit{'h', std::chrono::hours(1)}, period_unit{'m', std::chrono::minutes(1)},
                              period_unit{'s', std::chrono::seconds(1)}};

[[noreturn]] void refuse(std::string_view text, std::string_view fault, std::string hint = {}) {
    throw invalid_value(fmt::format("{} is no limit of what is sent: {}", quoted(text), fault), {.hint = std::move(hint)});
}

/// Nothing but digits, and from 1 to the most.
bool read_number(std::string_view digits, std::uint64_t most, std::uint64_t& number) {
    const auto* const end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, number);
    return parsed.ec == std::errc() && parsed.ptr == end && number > 0 && number <= most;
}

std::chrono::seconds read_period(std::string_view word, std::string_view whole) {
    const auto unit = std::find_if(units.begin(), units.end(), [&](const period_unit& u) { return word.ends_with(u.letter); });
    std::uint64_t number = 0;
    if (unit == units.end() || !read_number(word.substr(0, word.size() - 1), static_cast<std::uint64_t>(longest / unit->length), number))
        refuse(whole, "its period is a number of s, m, h or d, 31d at most");
    return unit->length * static_cast<std::chrono::seconds::rep>(number);
}

send_limit read_limit(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) refuse(text, "it is a number of recipients and a period, such as 200/1h, or none");
    const std::string_view number = text.substr(0, slash);
    if (number == "0") refuse(text, "nobody can be written to at all", "who may not send has no smtp-auth");
    send_limit limit{};
    if (!read_number(number, most_recipients, limit.recipients)) refuse(text, fmt::format("its recipients are a number from 1 to {}", most_recipients));
    limit.period = read_period(text.substr(slash + 1), text);
    return limit;
}

void require_each_period_once(const std::vector<send_limit>& sorted) {
    const auto twice = std::adjacent_find(sorted.begin(), sorted.end(), [](const send_limit& a, const send_limit& b) { return a.period == b.period; });
    if (twice != sorted.end()) refuse((twice + 1)->text(), fmt::format("{} is for the same period", twice->text()));
}

std::vector<std::string> parts_of(std::string_view text) {
    std::vector<std::string> parts;
    for (std::size_t comma = 0; comma != std::string_view::npos; text.remove_prefix(comma == std::string_view::npos ? 0 : comma + 1)) {
        comma = text.find(',');
        parts.emplace_back(text.substr(0, comma));
    }
    return parts;
}

} // namespace

std::string send_limit::text() const {
    const auto unit = std::find_if(units.begin(), units.end(), [this](const period_unit& u) { return period % u.length == std::chrono::seconds(0); });
    return fmt::format("{}/{}{}", recipients, period / unit->length, unit->letter);
}

send_limits::send_limits(std::vector<send_limit> limits) : limits_(std::move(limits)) {
    std::sort(limits_.begin(), limits_.end(), [](const send_limit& a, const send_limit& b) { return a.period < b.period; });
    require_each_period_once(limits_);
}

send_limits send_limits::parse(std::string_view text) { return from_attribute(parts_of(text)); }

send_limits send_limits::from_attribute(const std::vector<std::string>& values) {
    if (values.size() == 1 && values.front() == no_limit) return {};
    if (values.empty()) refuse("", "it is empty");
    if (values.size() > most_limits) refuse(values.back(), fmt::format("there are {} before it, and {} are the most", values.size() - 1, most_limits));
    std::vector<send_limit> limits;
    for (const std::string& value : values) limits.push_back(read_limit(value));
    return send_limits(std::move(limits));
}

std::vector<std::string> send_limits::to_attribute() const {
    std::vector<std::string> values;
    for (const send_limit& one : limits_) values.push_back(one.text());
    if (values.empty()) values.emplace_back(no_limit);
    return values;
}

std::string send_limits::text() const { return fmt::format("{}", fmt::join(to_attribute(), ",")); }

} // namespace vmail
