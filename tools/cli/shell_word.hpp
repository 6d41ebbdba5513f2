#pragma once

#include <string>
#include <string_view>

namespace vmail::tools {

/// The text as one word of a POSIX shell: as it is where no shell sees more in it, else in single quotes. Holds the same bytes: what is shown to a
/// person goes through printable() first.
std::string shell_word(std::string_view text);

} // namespace vmail::tools
