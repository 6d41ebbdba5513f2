#pragma once

#include <optional>
#include <string>
#include <vector>

#include "diagnostics.hpp"
#include "global_flags.hpp"

namespace vmail::tools {

/// "help", "help NOUN VERB" and "NOUN help" ask for help, too. Parses the arguments into what the application's options are bound to. Returns the exit status when that is all there is to do: 0 after --help and
/// --version (printed on standard output), 64 after a command line that makes no sense.
std::optional<int> parse_command_line(CLI::App& app, int argc, const char* const* argv);

/// Binds what flags there are among the words of a line that is not finished yet.
void take_flags(CLI::App& app, const std::vector<std::string>& words);

/// How to talk on standard error, told from the bare arguments: right even when they do not parse.
diagnostics_options diagnostics_for(const std::string& program, int argc, const char* const* argv);

} // namespace vmail::tools
