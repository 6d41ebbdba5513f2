#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vmail::tools {

/// "1 mailbox", "2 mailboxes": of the plural of an English noun that follows the rule.
std::string counted(std::size_t count, std::string_view plural);

} // namespace vmail::tools
