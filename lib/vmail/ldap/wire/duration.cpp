#include <fmt/format.h>

#include <vmail/ldap/wire/duration.hpp>

namespace vmail::ldap::wire {

timeval as_timeval(std::chrono::milliseconds ms) {
    return {static_cast<time_t>(ms.count() / 1000), static_cast<suseconds_t>(ms.count() % 1000 * 1000)};
}

std::string seconds_text(std::chrono::milliseconds ms) { return fmt::format("{:g} s", static_cast<double>(ms.count()) / 1000); }

} // namespace vmail::ldap::wire
