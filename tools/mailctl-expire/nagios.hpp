#pragma once

#include <memory>

#include <vmail/error.hpp>

#include <cli/fd_stream.hpp>

#include "run_report.hpp"

/// The plugin interface of Nagios and its heirs: one line with performance data, and 0, 1, 2 or 3 for OK, WARNING, CRITICAL or UNKNOWN.
namespace vmail::tools {

int nagios_status(const run_result& result);
std::unique_ptr<run_report> make_nagios_report(fd_stream& out);

/// Of an end that no report tells: UNKNOWN unless it is one of theirs.
int nagios_status(int exit_status);

/// For a run of which there is no result. A limit of the server or the lock of a run that hangs is CRITICAL, the rest UNKNOWN.
int tell_nagios(fd_stream& out, const error& e);

} // namespace vmail::tools
