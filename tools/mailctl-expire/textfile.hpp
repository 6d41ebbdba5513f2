#pragma once

#include <cli/prometheus_file.hpp>

#include "run_report.hpp"

namespace vmail::tools {

/// The figures of a run, in a file for Prometheus' textfile collector that is open already.
void write_textfile(prometheus_file& file, const run_result& r);

} // namespace vmail::tools
