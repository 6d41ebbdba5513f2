#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include <cli/invocation.hpp>

namespace vmail::tools {

/// How many entries one command may take out of service by a filter: a wrong one must not take all.
using change_limit_flag = std::optional<std::string>;

void add_change_limit_flag(CLI::App& verb, change_limit_flag& flag);

/// Throws limit_exceeded when a filter matches more entries of the class than the flag allows; without the flag, more than 10 and than 1 % of all that
/// there are. `plural` is what people call them.
void check_change_limit(invocation& run, const change_limit_flag& flag, std::size_t matched, std::string_view object_class, std::string_view plural);

} // namespace vmail::tools
