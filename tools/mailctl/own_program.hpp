#pragma once

#include <string>
#include <string_view>

namespace vmail::tools {

/// Where a program is that mailctl alone starts: beside it, as it was built or installed. Throws error(configuration); `what` it does stands in the sentence.
std::string own_program(std::string_view name, std::string_view what);

} // namespace vmail::tools
