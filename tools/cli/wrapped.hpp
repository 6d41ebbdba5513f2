#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vmail::tools {

/// How a text is broken into lines.
struct wrapping {
    std::size_t width = 80;      ///< columns of a line
    std::size_t indent = 0;      ///< blanks before all lines but the first
    std::size_t begun = 0;       ///< columns of the first line that are taken already
    std::string_view end = "";   ///< what a line that goes on ends with
};

/// The words of the text, with a line feed and blanks in the place of the blank where a line would be too long. A word that is longer than a line stays whole.
std::string wrapped(std::string_view text, const wrapping& how);

} // namespace vmail::tools
