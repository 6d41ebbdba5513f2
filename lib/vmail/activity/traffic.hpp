#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/timestamp.hpp>

#include <vmail/activity/store.hpp>

namespace vmail::activity {

/// By what traffic is counted.
enum class traffic_key {
    day,    ///< of the zone, "2026-11-29"
    hour,   ///< of the zone, "2026-11-29 14:00"; the two of a night in autumn that have one name are one
    domain, ///< of the account; logins that are no address have none
    account,
};

struct traffic_options {
    hour_span span{};
    traffic_key by = traffic_key::day;
    time_zone zone = time_zone::local();
    std::optional<std::string> domain{}; ///< accounts of it alone; in lower case
};

/// What was counted, in the order of the names. Of days and hours also those between the first and the last without anything.
std::map<std::string, hour_counts> traffic(const store& kept, const traffic_options& options);

/// The names of those with the most, the greatest first, and no more than so many; who has nothing is not among them.
std::vector<std::string> biggest(const std::map<std::string, hour_counts>& all, measure what, std::size_t most);

/// Behind the last "@"; empty: there is none.
std::string_view domain_of(std::string_view account) noexcept;

} // namespace vmail::activity
