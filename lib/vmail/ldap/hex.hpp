#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <vmail/ascii.hpp>

namespace vmail::ldap {

/// Appends "\XX": how DNs and filters write a byte that is not plain.
inline void append_escaped(std::string& out, char byte) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    const auto value = static_cast<unsigned char>(byte);
    out += '\\';
    out += digits[value >> 4U];
    out += digits[value & 0xFU];
}

/// Precondition: a hexadecimal digit.
constexpr unsigned hex_digit_value(char c) noexcept {
    return static_cast<unsigned>(ascii::is_digit(c) ? c - '0' : ascii::to_lower(c) - 'a' + 10);
}

/// The byte that the first two characters stand for.
constexpr std::optional<char> decode_hex_pair(std::string_view text) noexcept {
    if (text.size() < 2 || !ascii::is_xdigit(text[0]) || !ascii::is_xdigit(text[1])) return std::nullopt;
    return static_cast<char>(static_cast<unsigned char>(hex_digit_value(text[0]) << 4U | hex_digit_value(text[1])));
}

} // namespace vmail::ldap
