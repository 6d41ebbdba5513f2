#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace vmail {

/// The zones of a database of files such as /usr/share/zoneinfo.
struct zone_database {
    std::string folder{};
    std::function<std::vector<std::string>()> names{}; ///< asked for only when all have to be looked at
};

/// The name of the zone that the file describes: of the file below .../zoneinfo/ that it is, or leads to; else of one with the same bytes, the likely
/// one first where it is one of them. The likely one, too, where the file ends with the same rule: a copy of another version. Empty where there is none.
std::string zone_of_file(const std::string& file, const zone_database& database, const std::string& likely);

/// The name below .../zoneinfo/, without the folder "posix/", which has the same zones. Those in "right/" count leap seconds and are others.
std::string without_variant(std::string_view name);

/// The zone of a rule of POSIX without summer time, in whole hours: "UTC0" is "UTC", "CET-1" and "<+01>-1" are "Etc/GMT-1". Empty for everything else.
std::string zone_of_fixed_rule(std::string_view rule);

} // namespace vmail
