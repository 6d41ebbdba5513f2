#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <vmail/export.hpp>

namespace vmail::ldap {

/// A search filter (RFC 4515). Values are escaped by allow-list when the filter is made, NUL included; there is no way to put a value in without that.
///
/// What takes the name of an attribute throws invalid_value when it is not one ("mail", "2.5.4.3", "cn;lang-it").
class VMAIL_EXPORT filter {
public:
    static filter present(std::string_view attribute);
    static filter equal(std::string_view attribute, std::string_view value);
    /// On an attribute without an ordering rule a server finds nothing, silently: ask subschema::has_ordering() first.
    static filter less_or_equal(std::string_view attribute, std::string_view value);
    static filter greater_or_equal(std::string_view attribute, std::string_view value);
    /// An empty value is present(attribute): every value begins with it, ends with it and contains it.
    static filter begins_with(std::string_view attribute, std::string_view value);
    static filter ends_with(std::string_view attribute, std::string_view value);
    static filter contains(std::string_view attribute, std::string_view value);
    /// As the server takes it (RFC 4511 section 4.5.1.7.6): slapd compares whole words without their accents, by their sound. Not of an empty value.
    static filter approximately(std::string_view attribute, std::string_view value);
    static filter all_of(const std::vector<filter>& parts); ///< of none: true, RFC 4526 "(&)"
    static filter any_of(const std::vector<filter>& parts); ///< of none: false, RFC 4526 "(|)"
    static filter negation(const filter& part);

    /// What an administrator typed as --filter, parentheses around it optional, blanks between its parts allowed. The form is checked (RFC 4515, all of
    /// it) and the values are escaped anew; at most 64 KiB, nested at most 64 deep. Throws invalid_value.
    static filter parse(std::string_view text);

    const std::string& text() const noexcept { return text_; }

private:
    explicit filter(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

} // namespace vmail::ldap
