#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ledger.hpp"
#include "map_file.hpp"
#include "options.hpp"
#include "text_arena.hpp"

namespace vmail::nis {

/// A netgroup (RFC 2307, nisNetgroup). The views are of the map or of the arena.
struct netgroup {
    line_span lines{};
    std::string_view name;
    std::vector<std::string> triples{};      ///< "(host,user,domain)", without blanks, as slapd takes them; each once
    std::vector<std::string_view> members{}; ///< names of other netgroups; each once, case counts
};

/// Reads netgroup(5), or what `ypcat -k netgroup` prints, which looks the same. Of two definitions of a name the first counts. Members that are not
/// defined, or lead back, are noted and kept.
///
/// Throws invalid_value for a map of the kind of netgroup.byuser, which is made from netgroup and does not have what it had.
std::vector<netgroup> read_netgroup(const map_file& map, const options& o, ledger& lines, text_arena& texts);

} // namespace vmail::nis
