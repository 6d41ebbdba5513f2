#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

/// Internal: for the library and the tools built with it.
namespace vmail {

/// How a program ended.
struct program_end {
    int status = 0;              ///< that it ended with; 128 and the number of the signal that ended it
    bool was_late = false;       ///< it was ended, with whatever it had started
    std::string said{};          ///< on standard error, no more than 64 KiB; bytes of others
};

/// Runs a program with this on its standard input and nothing else of ours: no open files, no shell. arguments[0] is its path. Throws error(configuration) where it cannot be
/// started.
program_end run_program(const std::vector<std::string>& arguments, std::string_view input, std::chrono::milliseconds limit);

} // namespace vmail
