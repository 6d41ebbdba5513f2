#pragma once

#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "global_flags.hpp"
#include "invocation.hpp"

namespace vmail::tools {

/// The group that the help of a job has its own flags in.
inline constexpr const char* job_group = "Run";

/// The flags of all commands, as a job that cron starts has them: nothing is asked, and what it tells has fields of its own.
void add_job_flags(CLI::App& app, global_flags& flags, const std::string& dry_run);

/// Throws error(usage) for a form that a job does not tell things in.
void require_job_format(invocation& run, std::string_view program);

} // namespace vmail::tools
