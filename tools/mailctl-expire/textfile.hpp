#pragma once

#include <string>

#include "run_report.hpp"

namespace vmail::tools {

/// The figures of a run as a file for Prometheus' textfile collector. Throws as output_file.
void write_textfile(const std::string& path, const run_result& r);

} // namespace vmail::tools
