#pragma once

#include <string>
#include <string_view>
#include <variant>

#include <vmail/activity/rows.hpp>

namespace vmail::tools {

using activity_row = std::variant<activity::count_row, activity::sighting, activity::last_use>;

/// A row as an object on one line, ASCII only; what is 0 or empty is left out.
std::string row_to_json(const activity_row& row);
/// Reads it back, whoever wrote it: names and networks become what a row of ours may have. Throws invalid_value.
activity_row row_from_json(std::string_view line);

} // namespace vmail::tools
