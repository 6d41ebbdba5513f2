#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// Plots as SVG that stands within a page, in the colours of its style sheet, .s0 to .s3. Internal.
namespace vmail::page {

struct plot_row {
    std::string label{};
    std::vector<std::uint64_t> values{}; ///< of each series
};

struct plot {
    std::string id{};          ///< of the element, unique on its page
    std::string title{};
    std::string description{}; ///< what is seen, in words
    std::vector<std::string> series{};
    std::vector<plot_row> rows{};
    bool stacked = false;      ///< the values of a row are parts of a whole
    std::string (*shown)(std::uint64_t) = nullptr; ///< a value in words
};

/// A bar for each row, or one for each series of it. A row without values has no bar.
std::string bars(const plot& p);

/// For each series a strip of columns, one for each row, below each other over one axis; `marked` is the row of now, or none.
std::string columns(const plot& p, const std::string& marked);

} // namespace vmail::page
