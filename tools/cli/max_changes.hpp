#pragma once

#include <cstddef>
#include <string>

namespace vmail::tools {

/// What --max-changes takes: a number, or "none" (vmail::unlimited_changes). Throws invalid_value.
std::size_t parse_max_changes(const std::string& text);

} // namespace vmail::tools
