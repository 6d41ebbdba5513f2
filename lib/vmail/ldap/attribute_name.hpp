#pragma once

#include <algorithm>
#include <string_view>

#include <vmail/ascii.hpp>

namespace vmail::ldap {

/// RFC 4512 keystring: a letter, then letters, digits and hyphens.
constexpr bool is_keystring(std::string_view text) noexcept {
    return !text.empty() && ascii::is_alpha(text.front()) &&
           std::all_of(text.begin(), text.end(), [](char c) { return ascii::is_alnum(c) || c == '-'; });
}

/// RFC 4512 numericoid: at least two numbers without leading zeros.
constexpr bool is_numeric_oid(std::string_view text) noexcept {
    bool dotted = false;
    while (true) {
        const auto dot = text.find('.');
        const auto arc = text.substr(0, dot);
        if (!ascii::is_digits(arc) || (arc.size() > 1 && arc.front() == '0')) return false;
        if (dot == std::string_view::npos) return dotted;
        dotted = true;
        text.remove_prefix(dot + 1);
    }
}

/// RFC 4514 attributeType: what may name a value in a DN.
constexpr bool is_attribute_type(std::string_view text) noexcept { return is_keystring(text) || is_numeric_oid(text); }

/// RFC 4512 attributedescription: a type and options, "userCertificate;binary".
constexpr bool is_attribute_description(std::string_view text) noexcept {
    const auto type_end = std::min(text.find(';'), text.size());
    if (!is_attribute_type(text.substr(0, type_end))) return false;
    text.remove_prefix(type_end);
    while (!text.empty()) {
        text.remove_prefix(1);
        const auto option = text.substr(0, text.find(';'));
        if (option.empty() || !std::all_of(option.begin(), option.end(), [](char c) { return ascii::is_alnum(c) || c == '-'; }))
            return false;
        text.remove_prefix(option.size());
    }
    return true;
}

} // namespace vmail::ldap
