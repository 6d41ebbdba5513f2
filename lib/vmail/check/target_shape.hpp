#pragma once

#include <string>
#include <string_view>

/// Internal to check.
namespace vmail::check {

/// Why Postfix sends no mail to what a virtual alias leads to, or not where it seems to go; safe to print. Empty: it is an address, a login of the server,
/// or "@domain", the same user elsewhere (virtual(5)).
std::string fault_of_target(std::string_view text);

} // namespace vmail::check
