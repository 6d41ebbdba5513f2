#include <array>
#include <cstddef>
#include <cstdint>

#include <vmail/ldap/base64.hpp>

namespace vmail::ldap {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint32_t no_digit = 64;

constexpr std::array<unsigned char, 256> make_digits() {
    std::array<unsigned char, 256> digits{};
    digits.fill(no_digit);
    for (std::size_t i = 0; i < alphabet.size(); ++i) digits[static_cast<unsigned char>(alphabet[i])] = static_cast<unsigned char>(i);
    return digits;
}
constexpr auto digits = make_digits();

std::uint32_t byte_at(std::string_view bytes, std::size_t i) { return static_cast<unsigned char>(bytes[i]); }
std::uint32_t digit_at(std::string_view text, std::size_t i) { return digits[static_cast<unsigned char>(text[i])]; }

void append_digits(std::string& out, std::uint32_t group, int count) {
    for (unsigned shift = 18; count > 0; --count, shift -= 6) out += alphabet[(group >> shift) & 0x3FU];
}

void append_bytes(std::string& out, std::uint32_t group, std::size_t count) {
    for (unsigned shift = 16; count > 0; --count, shift -= 8) out += static_cast<char>(static_cast<unsigned char>(group >> shift));
}

} // namespace

void append_base64(std::string& out, std::string_view bytes) {
    std::size_t i = 0;
    for (; i + 3 <= bytes.size(); i += 3) append_digits(out, byte_at(bytes, i) << 16U | byte_at(bytes, i + 1) << 8U | byte_at(bytes, i + 2), 4);
    if (i + 1 == bytes.size()) {
        append_digits(out, byte_at(bytes, i) << 16U, 2);
        out += "==";
    } else if (i + 2 == bytes.size()) {
        append_digits(out, byte_at(bytes, i) << 16U | byte_at(bytes, i + 1) << 8U, 3);
        out += '=';
    }
}

std::string base64_encode(std::string_view bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    append_base64(out, bytes);
    return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && !text.empty() && text.back() == '=') {
        text.remove_suffix(1);
        ++padding;
    }
    std::string out;
    out.reserve(text.size() / 4 * 3 + 2);
    for (std::size_t i = 0; i < text.size(); i += 4) {
        const std::size_t count = text.size() - i < 4 ? text.size() - i : 4;
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < count; ++j) {
            if (digit_at(text, i + j) == no_digit) return std::nullopt;
            group |= digit_at(text, i + j) << (18 - 6 * j);
        }
        if (count < 4 && (group & (count == 2 ? 0xFFFFU : 0xFFU)) != 0) return std::nullopt;
        append_bytes(out, group, count - 1);
    }
    return out;
}

} // namespace vmail::ldap
