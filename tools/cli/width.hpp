#pragma once

#include <cstddef>
#include <string_view>

namespace vmail::tools {

/// The columns that a printable text takes on a terminal, whatever the locale: none for combining marks, two for wide East Asian characters and
/// pictographs, one for the rest.
std::size_t display_width(std::string_view text) noexcept;

} // namespace vmail::tools
