#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <vmail/export.hpp>

/// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
namespace vmail::utf8 {

/// The first character of some bytes.
struct character {
    char32_t code_point = 0; ///< meaningless when not valid
    std::size_t length = 0;  ///< bytes taken; 1 when not valid; 0 only where there are no bytes
    bool valid = false;
};

/// Decodes the first character. To go through a text: `while (!text.empty()) { auto c = decode(text); text.remove_prefix(c.length); }`
VMAIL_EXPORT character decode(std::string_view bytes) noexcept;

/// Whether all the bytes are well-formed. The empty text is; a NUL is a character.
VMAIL_EXPORT bool is_valid(std::string_view bytes) noexcept;

/// The number of characters; a byte that is not part of one counts as one.
VMAIL_EXPORT std::size_t length(std::string_view bytes) noexcept;

/// Appends one character. Precondition: not a surrogate and not above U+10FFFF.
VMAIL_EXPORT void append(std::string& text, char32_t code_point);

/// ISO 8859-1 to UTF-8; there is no byte that it refuses.
VMAIL_EXPORT std::string from_latin1(std::string_view bytes);

} // namespace vmail::utf8
