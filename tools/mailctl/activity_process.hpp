#pragma once

#include <string>
#include <vector>

#include <cli/global_flags.hpp>

namespace vmail::tools {

/// Becomes the program that counts what accounts do, mailctl-activity, with these words behind its name: SQLite and the readers of logs are linked to it alone. Throws
/// error(configuration) where it is not there.
[[noreturn]] void become_activity(std::vector<std::string> words);

/// What it writes to standard output, with the settings that this run has; its standard error is ours. Throws the same, and unavailable where it fails.
std::string ask_activity(const global_flags& flags, std::vector<std::string> words);

} // namespace vmail::tools
