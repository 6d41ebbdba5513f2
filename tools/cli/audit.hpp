#pragma once

#include <functional>
#include <string>

#include <vmail/jobs/runner.hpp>

#include "invocation.hpp"

namespace vmail::tools {

/// What puts a line of JSON for each change where the setting "audit" says: when, what was done to whom, which attributes of which entry, with what result, by which
/// user from where, as whom the server knew us; no values. Empty where the setting is none. Throws error(configuration) for a file that cannot be written.
std::function<void(const change_outcome&)> audit_of(invocation& run, const std::string& job);

} // namespace vmail::tools
