#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace vmail::tools {

/// The page of a command, or of several that are told of together, in mdoc(7): its source, in which the lines `.\" synopsis` and `.\" verbs` stand for what
/// the tree of commands knows. Throws invalid_value for a source that lacks one of them, and for a command that is none.
void write_manual(std::ostream& out, const CLI::App& root, const std::vector<std::string>& commands, std::istream& source);

} // namespace vmail::tools
