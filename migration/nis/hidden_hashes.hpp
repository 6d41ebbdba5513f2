#pragma once

#include <string>
#include <string_view>

namespace vmail::nis {

/// Puts "(hidden)" in the place of each hash with a prefix ("$6$...", "{SSHA}...") in a text that is to be printed: lines that are cut wrongly, or files given
/// for other ones, bring hashes to where nobody expects one. A hash of DES has no such mark: see shown().
void hide_hashes(std::string& text);

/// printable() of at most 80 bytes of a field that is no password unless the line is malformed; "(hidden)" for what may be a hash, locked or not. A word of
/// small letters with digits behind it is taken for a name, though one hash of DES in 70,000 looks so.
std::string shown(std::string_view field);

/// As shown(), within quotes.
std::string shown_quoted(std::string_view field);

} // namespace vmail::nis
