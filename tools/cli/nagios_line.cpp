#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <vmail/printable.hpp>

#include "nagios_line.hpp"

namespace vmail::tools {

void write_nagios_line(fd_stream& out, std::string_view service, int status, std::string text, std::string_view performance) {
    constexpr std::array<std::string_view, 4> words = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
    std::replace(text.begin(), text.end(), '|', '/'); // what follows the first one is performance data
    out << fmt::format("{} {} - {}{}{}\n", service, words[static_cast<std::size_t>(status)], harmless(text), performance.empty() ? "" : " | ", performance);
    out.flush();
}

} // namespace vmail::tools
