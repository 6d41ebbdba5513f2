#pragma once

#include <string>
#include <vector>

namespace nis2ldif {

/// The paths of the command line; an empty one was not given.
struct named_paths {
    std::vector<std::string> files; ///< that are read
    std::vector<std::string> trees; ///< directories of which files may be read
    std::string out;
    std::string report;
    std::string lists_members;
};

/// Outputs take the place of what has their name. Throws error(usage) where that is an input or another output.
void check_output_places(const named_paths& named);

} // namespace nis2ldif
