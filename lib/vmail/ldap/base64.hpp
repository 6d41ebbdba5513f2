#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <vmail/export.hpp>

namespace vmail::ldap {

/// RFC 4648 section 4, with padding and without line breaks.
VMAIL_EXPORT std::string base64_encode(std::string_view bytes);

/// The same, appended.
VMAIL_EXPORT void append_base64(std::string& out, std::string_view bytes);

/// Nothing when the text is not base64: a byte outside the alphabet, padding that is missing or in excess, bits that are cut off.
VMAIL_EXPORT std::optional<std::string> base64_decode(std::string_view text);

} // namespace vmail::ldap
