#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include <vmail/descriptor.hpp>

/// Internal: for the library and the tools built with it.
namespace vmail {

/// A file in memory, to be read from its beginning: no program waits at one as it does at a pipe, and what is secret in it is on no disk. Throws error(internal).
descriptor memory_file(std::string_view text = {});
/// All that is in it, but no more than `most` bytes. Throws error(internal).
std::string contents_of(const descriptor& file, std::size_t most = SIZE_MAX);

/// A file of ours, and the number that a program knows it by.
struct handed_file {
    int ours, theirs;
};

/// A program that runs, with the files that it is handed and nothing else of ours, and no shell. Of the standard ones it has /dev/null where it is handed none. It
/// is over when this is.
class running_program {
public:
    enum class group { ours, own }; ///< with one of its own, what it has started is ended with it

    /// arguments[0] is a path, or a name that PATH leads to. Throws error(configuration) where it cannot be started.
    running_program(std::vector<std::string> arguments, const std::vector<handed_file>& files, group g);
    running_program(const running_program&) = delete;
    running_program& operator=(const running_program&) = delete;
    ~running_program();

    bool ends_within(std::chrono::milliseconds time);
    /// Ends it where it runs. What it ended with; 128 and the number of the signal that ended it.
    int end();

private:
    group group_;
    pid_t pid_ = 0; ///< 0: it is over and was waited for
    descriptor handle_;
    bool is_over_ = false;
};

/// How a program ended.
struct program_end {
    int status = 0;              ///< as running_program::end()
    bool was_late = false;       ///< it was ended, with whatever it had started
    std::string said{};          ///< on standard error, no more than 64 KiB; bytes of others
};

/// Runs a program with this on its standard input. Throws as running_program.
program_end run_program(const std::vector<std::string>& arguments, std::string_view input, std::chrono::milliseconds limit);

} // namespace vmail
