#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <vmail/export.hpp>

namespace vmail {

/// Any bytes as text that is safe on a terminal, in a log line and in an error sentence.
///
/// By allow-list: printable ASCII, and the letters, marks, digits, punctuation and symbols of the scripts in use stay. A control byte,
/// DEL and a byte that is not UTF-8 become `\xNN`; any other character (C1 controls, direction and format characters, exotic
/// blanks, private use) becomes `\u{NNNN}`; the backslash is doubled. So no two inputs look the same, and the result is one line.
VMAIL_EXPORT std::string printable(std::string_view bytes);

/// The same for a sentence that holds printable() texts: a backslash stays as it is, so that two inputs may look the same, and the result is as harmless.
VMAIL_EXPORT std::string harmless(std::string_view sentence);

/// printable() in double quotes for an error sentence, with a backslash before a double quote inside, and the end replaced by "..." when there
/// are more than max_characters. Written vmail::quoted where `<iomanip>` or `<filesystem>` is
/// included: for a std::string, argument-dependent lookup prefers std::quoted.
VMAIL_EXPORT std::string quoted(std::string_view bytes, std::size_t max_characters = 80);

} // namespace vmail
