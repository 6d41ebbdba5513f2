#pragma once

#include <string>
#include <string_view>
#include <vector>

/// What a person's name gives for an address.
namespace vmail {

/// U+00A0, which parts words as a blank does.
inline constexpr std::string_view no_break_space = "\xC2\xA0";

/// Appends Name.Surname of a full name: the first word, a dot, the other words without the blanks between them, folded to ASCII letters, digits and hyphens.
/// Nothing when that gives no local part: one word, nothing left after folding, more than 64 bytes.
void append_name_surname(std::string_view full_name, std::string& out);

/// The same where it is known which words are the surname. Empty where it gives no local part.
std::string name_surname(std::string_view given_name, std::string_view surname);

/// All spellings of Name.Surname that administrators use for one person, that one first: the name cut at any word, ae for umlauts, words left
/// out at the end (Jr.), the surname before the name.
std::vector<std::string> name_surname_spellings(std::string_view full_name);

} // namespace vmail
