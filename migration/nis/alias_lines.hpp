#pragma once

#include <functional>
#include <string_view>

#include "ledger.hpp"
#include "map_file.hpp"
#include "options.hpp"
#include "text_arena.hpp"

namespace vmail::nis {

/// A definition with its continuation lines.
struct alias_line {
    line_span lines;
    std::string_view name;  ///< as written, without blanks around
    std::string_view value; ///< physical lines separated by "\n"; comment lines are gone
};

/// Hands over the definitions of an alias map, in UTF-8, and settles what is none: blank and comment lines, housekeeping keys, lines without a
/// colon, continuations of nothing.
void for_each_alias_line(const map_file& map, const options& o, ledger& lines, text_arena& texts, const std::function<void(const alias_line&)>& visit);

} // namespace vmail::nis
