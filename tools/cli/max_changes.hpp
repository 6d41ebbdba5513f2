#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vmail::tools {

/// What --max-changes takes, and what is like it: a number, or "none" (vmail::unlimited_changes). Throws invalid_value.
std::size_t parse_max_changes(const std::string& text, std::string_view flag = "--max-changes");

} // namespace vmail::tools
