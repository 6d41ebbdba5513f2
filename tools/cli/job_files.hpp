#pragma once

#include <string>
#include <string_view>

#include "configuration.hpp"

namespace vmail::tools {

/// The name of a file that a job has for each directory, "mailctl-expire-0123456789abcdef.lock": a run on a test server neither keeps anybody away from the real one
/// nor tells it what is due.
std::string job_file(const configuration& c, std::string_view job, std::string_view ending);

} // namespace vmail::tools
