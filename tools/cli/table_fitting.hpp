#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vmail::tools {

using cells = std::vector<std::string>;

/// How the columns of a table are made to fit a terminal.
class table_fitting {
public:
    /// 0: there is none, and nothing is cut.
    explicit table_fitting(std::size_t terminal_width) : terminal_(terminal_width) {}

    /// How wide each column may be at most, from the lines that are there, the header first. No limits where nothing is to be cut. Columns of names,
    /// addresses, numbers and states have none that cuts them.
    std::vector<std::size_t> limits(const std::vector<cells>& lines, const std::vector<std::size_t>& widths) const;

private:
    std::size_t terminal_;
};

/// The text, or as much of it as fits with "..." behind it.
std::string shortened(const std::string& text, std::size_t columns);

} // namespace vmail::tools
