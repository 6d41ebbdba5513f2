#pragma once

#include <string>
#include <vector>

#include <cli/fd_stream.hpp>
#include <cli/global_flags.hpp>

namespace CLI {
class App;
}

namespace vmail::tools {

/// Writes what may stand in the place of the last word, a line each: commands, flags, words that a flag takes, files, and within 300 ms what the directory holds.
/// `flags` are those that the words before it give. Says nothing where there is nothing to say, or nobody to ask.
int complete(const CLI::App& app, const global_flags& flags, const std::vector<std::string>& words, fd_stream& out);

} // namespace vmail::tools
