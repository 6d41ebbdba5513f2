#pragma once

#include <string_view>

/// Internal.
namespace vmail {

/// Whether it is what aliases(5) of the server's own users knows beside addresses, a command, a file or a list in a file, so that virtual(5) takes it for none: "/etc/x@example.org", which by
/// its form is one.
constexpr bool is_of_local_aliases(std::string_view target) noexcept { return target.starts_with('|') || target.starts_with('/') || target.starts_with(":include:"); }

/// Why mail is not sent there.
constexpr std::string_view why_not_of_virtual_aliases = "it is for a map of local aliases: a virtual alias runs no command, writes no file and reads no list";

} // namespace vmail
