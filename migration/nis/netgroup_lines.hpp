#pragma once

#include <functional>
#include <string_view>

#include "ledger.hpp"
#include "map_file.hpp"
#include "options.hpp"
#include "text_arena.hpp"

namespace vmail::nis {

/// A definition with its continuation lines.
struct netgroup_line {
    line_span lines;
    std::string_view name;
    std::string_view value; ///< physical lines separated by "\n"
};

/// Hands over the definitions of a netgroup map, and settles what is none: blank and comment lines, housekeeping keys, compat entries, lines with a NUL, and
/// indented ones, which go on with nothing.
void for_each_netgroup_line(const map_file& map, const options& o, ledger& lines, text_arena& texts,
                            const std::function<void(const netgroup_line&)>& visit);

/// Whether it is netgroup.byuser or netgroup.byhost: "key.domain", one blank, names with commas between them, and not a triple in all of it.
bool looks_reversed(const map_file& map);

} // namespace vmail::nis
