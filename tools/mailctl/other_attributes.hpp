#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <vmail/state.hpp>

namespace vmail::tools {

/// --set ATTRIBUTE=VALUE, for what has no flag of its own (entry_state::other).
void add_other_attributes_flag(CLI::App& verb, std::vector<std::string>& assignments);

/// An attribute that is given several times has several values; with nothing behind the sign it is removed. Throws invalid_value.
attribute_values parse_other_attributes(const std::vector<std::string>& assignments);

} // namespace vmail::tools
