#pragma once

#include <string>
#include <string_view>

#include "fd_stream.hpp"

/// The plugin interface of Nagios and its heirs: one line with performance data, and a status.
namespace vmail::tools {

namespace nagios {
enum status { ok, warning, critical, unknown };
} // namespace nagios

/// "EXPIRE OK - 3 due | due=3"; no performance data: none is written.
void write_nagios_line(fd_stream& out, std::string_view service, int status, std::string text, std::string_view performance);

} // namespace vmail::tools
