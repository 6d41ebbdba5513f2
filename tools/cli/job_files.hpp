#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "configuration.hpp"
#include "diagnostics.hpp"

namespace vmail::tools {

/// The name of a file that a job has for each directory, "mailctl-expire-0123456789abcdef.lock": a run on a test server neither keeps anybody away from the real one
/// nor tells it what is due.
std::string job_file(const configuration& c, std::string_view job, std::string_view ending);

/// What a job has kept and can make no sense of stays beside its place, and is told with what comes of it. Nothing is done where there is no such file.
void set_aside_damaged(const diagnostics& err, const std::filesystem::path& file, std::string_view consequence);

} // namespace vmail::tools
