#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <utility>

#include <vmail/export.hpp>

namespace vmail {

/// A mail domain (RFC 5321 section 4.1.2 Domain), in lower case: at least two labels of letters, digits and inner hyphens, each at
/// most 63 bytes, together at most 253; the last label is not all digits. Internationalised names are given as A-labels (xn--...).
class VMAIL_EXPORT domain_name {
public:
    /// Blanks are not stripped; one trailing dot is. Throws invalid_value with a sentence that says what is wrong.
    static domain_name parse(std::string_view text);

    const std::string& text() const noexcept { return text_; }

    auto operator<=>(const domain_name&) const = default;

private:
    explicit domain_name(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

} // namespace vmail
