#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace vmail::tools {

/// A command that does not exist, where it was looked for, and the words after it on the command line.
struct unknown_command {
    const CLI::App& at;
    std::string word;
    std::vector<std::string> after{};
};

/// The command that was most likely meant, in words: its name in other programs, verb and noun in the wrong order, a slip of the finger. Empty where none is near.
std::string meant_by(const unknown_command& unknown);

/// The flag of the command, or of those that all commands take, that is nearest to an unknown one. Empty where none is near.
std::string nearest_flag(const CLI::App& command, const std::string& flag);

} // namespace vmail::tools
