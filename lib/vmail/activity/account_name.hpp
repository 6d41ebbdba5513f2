#pragma once

#include <string>
#include <string_view>

namespace vmail::activity {

/// Of names that a log holds and nobody has: one for all of them, as whoever guesses at passwords chooses them.
inline constexpr std::string_view unreadable_name = "unreadable";

/// The name of an account, a login or an address, as it is counted: in lower case as far as it is ASCII. What is no UTF-8, longer than an address may be (254 bytes, RFC 5321), empty
/// or holds a control character is unreadable_name.
std::string account_name(std::string_view text);

/// The same of an address that mail came for: without the extension that one of these characters begins, "bob+lists@example.org".
std::string recipient_name(std::string_view text, std::string_view delimiters);

} // namespace vmail::activity
