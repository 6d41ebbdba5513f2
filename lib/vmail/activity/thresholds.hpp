#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace vmail::activity {

/// What is too much: of rules, each a number.
enum class threshold {
    unread_days,     ///< without a login by IMAP or POP3
    hour_networks,   ///< in an hour
    hour_recipients, ///< in an hour
    times_usual,     ///< so many times of what is usual
    bounces,         ///< and rejections, in the time that is looked at
    guess_networks,  ///< from which logins failed
    stopped_tries,   ///< of an account that is stopped
};
inline constexpr std::size_t threshold_count = static_cast<std::size_t>(threshold::stopped_tries) + 1;
inline constexpr std::array<std::string_view, threshold_count> threshold_names = {"unread-days", "hour-networks", "hour-recipients", "times-usual", "bounces", "guess-networks", "stopped-tries"};

/// Nothing: no number is too much.
using limit_number = std::optional<std::uint64_t>;

/// The numbers of the site, and those of domains and accounts that are others.
class thresholds {
public:
    explicit thresholds(const std::array<limit_number, threshold_count>& of_site) : of_site_(of_site) {}

    /// Lines "WHO NAME NUMBER": an account or a domain, a name of threshold_names, a number or "none"; empty lines and comments. Throws invalid_value, naming the line.
    void read(std::string_view text, const std::string& file);

    /// The account's own, that of its domain, or that of the site.
    limit_number of(threshold t, std::string_view account) const;
    /// The least that anybody has: nothing where nobody has one.
    limit_number least(threshold t) const;

private:
    std::array<limit_number, threshold_count> of_site_;
    std::map<std::string, std::map<threshold, limit_number>, std::less<>> others_{};
};

} // namespace vmail::activity
