#pragma once

#include <optional>
#include <ostream>

#include "map_file.hpp"
#include "options.hpp"
#include "report.hpp"

namespace vmail::nis {

/// The maps that were given.
struct map_set {
    std::optional<map_file> passwd{};
    std::optional<map_file> shadow{};
    std::optional<map_file> adjunct{};
    std::optional<map_file> group{};
    std::optional<map_file> netgroup{};
    std::optional<map_file> aliases{};
    std::optional<map_file> forward_list{}; ///< logins with their .forward files; options::forward_root is the other way to them
};

/// Writes the maps as LDIF: BASE and the container (if asked for), the domain with postmaster and abuse, accounts, their login@ aliases, the aliases of the
/// map, groups, netgroups. Parents come first, and the same maps and options give the same bytes.
///
/// Every line of every map is accounted for in the report; a line that is not throws error(internal). The stream's state is the caller's to check.
/// Held in memory beside the maps themselves: about 300 bytes an account, and 150 an alias.
report convert(const map_set& maps, const options& o, std::ostream& out);

} // namespace vmail::nis
