#pragma once

#include <functional>

#include "diagnostics.hpp"

namespace vmail::tools {

/// What each of our programs does first: no core dumps (they would hold passwords), new files for their owner alone, a closed pipe is an
/// error and no death, an interrupt is exit status 130, a closed standard stream stays one.
void harden_process();

/// Runs a program's body and turns what it throws into a line on standard error and an exit status. What is lost of standard error makes a success
/// error(unavailable)'s status.
int run_guarded(const diagnostics& err, const std::function<int()>& body);

} // namespace vmail::tools
