#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

#include <vmail/utf8.hpp>

#include "table_fitting.hpp"
#include "width.hpp"

namespace vmail::tools {

namespace {

constexpr std::size_t between = 2, narrowest = 8, no_limit = std::numeric_limits<std::size_t>::max();

/// What is said for people, as the header has it. All else is a name that somebody copies, or short.
bool may_be_cut(std::string_view header) {
    constexpr std::array names = {std::string_view("NAME"),  std::string_view("DESCRIPTION"), std::string_view("DISABLED_COMMENT"), std::string_view("VACATION_SUBJECT"),
                                  std::string_view("GECOS"), std::string_view("ATTRIBUTES"),  std::string_view("PROBLEMS")};
    return std::find(names.begin(), names.end(), header) != names.end();
}

/// The widest cell of each column, however wide.
std::vector<std::size_t> needed(const std::vector<cells>& lines, std::size_t columns) {
    std::vector<std::size_t> all(columns);
    for (const cells& line : lines)
        for (std::size_t i = 0; i < line.size() && i < columns; ++i) all[i] = std::max(all[i], display_width(line[i]));
    return all;
}

} // namespace

std::vector<std::size_t> table_fitting::limits(const std::vector<cells>& lines, const std::vector<std::size_t>& widths) const {
    if (terminal_ == 0 || lines.empty()) return {};
    const cells& header = lines.front();
    std::vector<std::size_t> wanted = needed(lines, widths.size());
    const std::size_t total = std::accumulate(wanted.begin(), wanted.end(), between * (wanted.size() - std::min<std::size_t>(wanted.size(), 1)));
    std::vector<std::size_t> all(widths.size(), no_limit);
    std::size_t over = total > terminal_ ? total - terminal_ : 0;
    // The first column is what a line is about.
    for (std::size_t i = widths.size(); i-- > 1;) {
        if (i >= header.size() || !may_be_cut(header[i])) continue;
        const std::size_t least = std::max(narrowest, display_width(header[i])), less = std::min(over, wanted[i] > least ? wanted[i] - least : 0);
        over -= less;
        // What comes later may be longer, where there is room.
        const std::size_t room = i + 1 == widths.size() && total < terminal_ ? terminal_ - total : 0;
        all[i] = std::max(wanted[i] - less + room, least);
    }
    return all;
}

std::string shortened(const std::string& text, std::size_t columns) {
    constexpr std::string_view mark = "...";
    if (columns == no_limit || display_width(text) <= columns) return text;
    std::string kept;
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::size_t length = utf8::decode(rest).length;
        if (display_width(kept) + display_width(rest.substr(0, length)) + mark.size() > columns) break;
        kept += rest.substr(0, length);
        rest.remove_prefix(length);
    }
    return kept + std::string(mark);
}

} // namespace vmail::tools
