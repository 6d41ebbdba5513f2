#pragma once

#include <chrono>
#include <string>

#include <sys/time.h>

namespace vmail::ldap::wire {

timeval as_timeval(std::chrono::milliseconds ms);

/// "0.5 s"
std::string seconds_text(std::chrono::milliseconds ms);

} // namespace vmail::ldap::wire
