#include <algorithm>

#include "width.hpp"
#include "wrapped.hpp"

namespace vmail::tools {

std::string wrapped(std::string_view text, const wrapping& how) {
    std::string out;
    std::size_t at = how.begun;
    bool begins_line = true;
    while (!text.empty()) {
        const auto word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(word.size() + 1, text.size()));
        const auto width = display_width(word);
        const auto room_at_end = text.empty() ? 0 : how.end.size();
        if (!begins_line && at + 1 + width + room_at_end > how.width) {
            out.append(how.end).append("\n").append(how.indent, ' ');
            at = how.indent;
            begins_line = true;
        }
        if (!begins_line) out += ' ', ++at;
        out += word;
        at += width;
        begins_line = false;
    }
    return out;
}

} // namespace vmail::tools
