#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vmail {

/// What the bytes of a line are that is not UTF-8.
enum class charset { utf_8, iso_8859_1, iso_8859_2, iso_8859_15, windows_1252 };

/// By the names "utf-8", "iso-8859-1", "iso-8859-2", "iso-8859-15", "windows-1252", in any case.
std::optional<charset> parse_charset(std::string_view name) noexcept;

enum class decoding {
    as_is,     ///< ASCII or UTF-8: nothing was changed
    converted, ///< read as the charset
    doubtful,  ///< read as the charset, and hardly right: it gives control characters, or the line has UTF-8 characters among its bytes
};

/// Appends the line to `out` as UTF-8. Bytes that `charset::utf_8` cannot explain become U+FFFD.
decoding decode(std::string_view line, charset set, std::string& out);

} // namespace vmail
