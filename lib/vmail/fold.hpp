#pragma once

#include <string>
#include <string_view>

namespace vmail {

/// How umlauts are spelled in ASCII.
enum class umlauts {
    bare,     ///< a o u, as any other letter loses its marks
    german, ///< ae oe ue
};

/// UTF-8 as printable ASCII, for attributes that take no more: Latin letters lose their marks, typographic quotes and dashes become plain ones, everything
/// else that is not printable ASCII becomes "?".
std::string fold_text(std::string_view text);

/// One word of a person's name as it stands in an address: folded, and of that the letters, digits and hyphens.
std::string fold_word(std::string_view word, umlauts how = umlauts::bare);

} // namespace vmail
