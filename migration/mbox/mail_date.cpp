#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <vmail/ascii.hpp>

#include "mail_date.hpp"

namespace vmail::mbox {

namespace {

using namespace std::chrono_literals;
using words_view = std::span<const std::string_view>;

constexpr std::size_t most_words = 64;

constexpr std::array<std::string_view, 7> weekdays = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr std::array<std::string_view, 12> months = {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};

struct zone_row {
    std::string_view name;
    int minutes;
};
// RFC 5322 section 4.3, and the names that European and other servers have put into From_ lines. Names that mean several zones are not here.
constexpr std::array zones = {
    zone_row{"UT", 0},     zone_row{"GMT", 0},    zone_row{"UTC", 0},    zone_row{"Z", 0},      zone_row{"EST", -300}, zone_row{"EDT", -240},
    zone_row{"CDT", -300}, zone_row{"MST", -420}, zone_row{"MDT", -360}, zone_row{"PST", -480}, zone_row{"PDT", -420}, zone_row{"WET", 0},
    zone_row{"WEST", 60},  zone_row{"CET", 60},   zone_row{"CEST", 120}, zone_row{"MET", 60},   zone_row{"MEST", 120}, zone_row{"MEZ", 60},
    zone_row{"MESZ", 120}, zone_row{"EET", 120},  zone_row{"EEST", 180}, zone_row{"MSK", 180},  zone_row{"MSD", 240},  zone_row{"JST", 540},
    zone_row{"AEST", 600}, zone_row{"AEDT", 660}, zone_row{"NZST", 720}, zone_row{"NZDT", 780}, zone_row{"HST", -600}, zone_row{"CST", -360},
};

template <std::size_t N>
std::optional<unsigned> index_of(const std::array<std::string_view, N>& names, std::string_view word) {
    const auto found = std::find_if(names.begin(), names.end(), [&](std::string_view name) { return ascii::iequals(name, word); });
    if (found == names.end()) return {};
    return static_cast<unsigned>(found - names.begin());
}

std::optional<int> number(std::string_view digits, std::size_t fewest, std::size_t most) {
    if (digits.size() < fewest || digits.size() > most || !ascii::is_digits(digits)) return {};
    int value = 0;
    for (const char c : digits) value = value * 10 + (c - '0');
    return value;
}

std::optional<int> year_of(std::string_view word) {
    if (const auto full = number(word, 4, 4)) return full;
    const auto year = number(word, 2, 3); // "103": a program that took tm_year for a year
    if (!year) return {};
    return word.size() == 3 ? 1900 + *year : *year + (*year < 50 ? 2000 : 1900);
}

/// "15:30:00" or "15:30".
std::optional<std::chrono::seconds> clock_of(std::string_view word) {
    const std::size_t colon = word.find(':');
    if (colon == std::string_view::npos) return {};
    const std::string_view rest = word.substr(colon + 1);
    const std::size_t second_colon = rest.find(':');
    const auto hour = number(word.substr(0, colon), 1, 2);
    const auto minute = number(rest.substr(0, second_colon), 2, 2);
    const auto second = second_colon == std::string_view::npos ? std::optional(0) : number(rest.substr(second_colon + 1), 2, 2);
    if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) return {};
    return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

bool is_zone_name(std::string_view word) {
    return word.size() >= 1 && word.size() <= 5 && std::all_of(word.begin(), word.end(), [](char c) { return ascii::is_alpha(c); });
}

/// What follows the time, in any order: the year, at most one zone, and "remote from HOST" at the end.
class tail {
public:
    /// Whether the word was one of these.
    bool take(std::string_view word) {
        if (!year && (year = year_of(word))) return true;
        if (ascii::iequals(word, "dst") && zoned_) {
            if (offset) *offset += 60min;
            return true;
        }
        return !zoned_ && take_zone(word);
    }

    std::optional<int> year{};
    std::optional<std::chrono::minutes> offset{};

private:
    bool take_zone(std::string_view word) {
        if (!word.empty() && (word.front() == '+' || word.front() == '-')) {
            const auto digits = number(word.substr(1), 4, 4);
            if (!digits || *digits % 100 > 59) return false;
            const std::chrono::minutes size = std::chrono::hours(*digits / 100) + std::chrono::minutes(*digits % 100);
            // -0000 says that the time is UTC and nothing of the place (RFC 5322 section 3.3).
            offset = word.front() == '-' ? -size : size;
            return zoned_ = true;
        }
        const auto row = std::find_if(zones.begin(), zones.end(), [&](const zone_row& z) { return ascii::iequals(z.name, word); });
        if (row != zones.end()) offset = std::chrono::minutes(row->minutes);
        return zoned_ = row != zones.end() || is_zone_name(word);
    }

    bool zoned_ = false;
};

std::optional<written_time> assemble(int year, unsigned month, int day, std::chrono::seconds clock, std::optional<std::chrono::minutes> offset) {
    const std::chrono::year_month_day date(std::chrono::year(year), std::chrono::month(month), std::chrono::day(static_cast<unsigned>(day)));
    if (!date.ok() || year < 1970) return {};
    return written_time{std::chrono::sys_days(date) + clock, offset};
}

words_view without_remote_from(words_view words) {
    if (words.size() > 3 && words[words.size() - 3] == "remote" && words[words.size() - 2] == "from") return words.first(words.size() - 3);
    return words;
}

/// Mon Nov 20 15:30:00 [MET] 2003 [MET]
std::optional<written_time> parse_asctime(words_view words) {
    words = without_remote_from(words);
    if (words.size() < 5 || !index_of(weekdays, words[0])) return {};
    const auto month = index_of(months, words[1]);
    const auto day = number(words[2], 1, 2);
    const auto clock = clock_of(words[3]);
    if (!month || !day || !clock) return {};
    tail rest;
    for (const std::string_view word : words.subspan(4))
        if (!rest.take(word)) return {};
    return rest.year ? assemble(*rest.year, *month + 1, *day, *clock, rest.offset) : std::nullopt;
}

/// [Mon,] 20 Nov 2003 15:30:00 [+0100]
std::optional<written_time> parse_rfc5322(words_view words) {
    if (!words.empty() && words[0].ends_with(',')) words = words.subspan(1);
    if (words.size() < 4 || words.size() > 6) return {};
    const auto day = number(words[0], 1, 2);
    const auto month = index_of(months, words[1]);
    const auto year = year_of(words[2]);
    const auto clock = clock_of(words[3]);
    if (!day || !month || !year || !clock) return {};
    tail rest;
    rest.year = year;
    for (const std::string_view word : words.subspan(4))
        if (!rest.take(word)) return {};
    return assemble(*year, *month + 1, *day, *clock, rest.offset);
}

std::string without_comments(std::string_view text) {
    std::string kept;
    int depth = 0;
    for (const char c : text) {
        if (c == '(') ++depth;
        if (depth == 0) kept += c;
        if (c == ')' && depth > 0) --depth;
    }
    return kept;
}

bool begins_a_date(std::string_view word) {
    if (word.ends_with(',')) word.remove_suffix(1);
    return index_of(weekdays, word).has_value();
}

} // namespace

std::vector<std::string_view> split_words(std::string_view text) {
    std::vector<std::string_view> words;
    while (words.size() < most_words) {
        const std::size_t begin = text.find_first_not_of(" \t\r\n");
        if (begin == std::string_view::npos) break;
        text.remove_prefix(begin);
        words.push_back(text.substr(0, text.find_first_of(" \t\r\n")));
        text.remove_prefix(words.back().size());
    }
    return words;
}

std::optional<written_time> parse_date(words_view words) {
    if (const auto time = parse_asctime(words)) return time;
    return parse_rfc5322(words);
}

std::optional<written_time> parse_from_line(std::string_view line) {
    if (line.size() > longest_from_line || !line.starts_with("From ")) return {};
    const auto words = split_words(line.substr(5));
    for (std::size_t i = 0; i + 4 < words.size(); ++i)
        if (begins_a_date(words[i]))
            if (const auto time = parse_date(words_view(words).subspan(i))) return time;
    return {};
}

std::optional<written_time> parse_header_date(std::string_view value) {
    const std::string text = without_comments(value.substr(0, longest_from_line * 4));
    const std::size_t semicolon = text.rfind(';');
    const auto words = split_words(semicolon == std::string::npos ? std::string_view(text) : std::string_view(text).substr(semicolon + 1));
    return parse_date(words);
}

timestamp instant_of(const written_time& written, const time_zone& zone) {
    return written.offset ? timestamp(written.wall - *written.offset) : timestamp::from_local(written.wall, zone);
}

} // namespace vmail::mbox
