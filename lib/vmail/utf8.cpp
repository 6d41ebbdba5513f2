#include <cassert>

#include <vmail/utf8.hpp>

namespace vmail::utf8 {

namespace {

constexpr unsigned char byte_at(std::string_view bytes, std::size_t i) { return static_cast<unsigned char>(bytes[i]); }

struct lead {
    std::size_t length = 0; // 0: no character begins with this byte
    char32_t bits = 0;
    char32_t smallest = 0; // anything below is an overlong form
};

constexpr lead read_lead(unsigned char byte) {
    if (byte < 0x80) return {1, byte, 0};
    if (byte >= 0xC2 && byte <= 0xDF) return {2, byte & 0x1FU, 0x80};
    if (byte >= 0xE0 && byte <= 0xEF) return {3, byte & 0x0FU, 0x800};
    if (byte >= 0xF0 && byte <= 0xF4) return {4, byte & 0x07U, 0x10000};
    return {};
}

constexpr bool is_surrogate(char32_t c) { return c >= 0xD800 && c <= 0xDFFF; }

} // namespace

character decode(std::string_view bytes) noexcept {
    if (bytes.empty()) return {};
    constexpr character malformed{0, 1, false};
    const lead first = read_lead(byte_at(bytes, 0));
    if (first.length == 0 || bytes.size() < first.length) return malformed;

    char32_t code_point = first.bits;
    for (std::size_t i = 1; i < first.length; ++i) {
        const unsigned char next = byte_at(bytes, i);
        if ((next & 0xC0U) != 0x80U) return malformed;
        code_point = (code_point << 6U) | (next & 0x3FU);
    }
    if (code_point < first.smallest || code_point > 0x10FFFF || is_surrogate(code_point)) return malformed;
    return {code_point, first.length, true};
}

bool is_valid(std::string_view bytes) noexcept {
    while (!bytes.empty()) {
        const character c = decode(bytes);
        if (!c.valid) return false;
        bytes.remove_prefix(c.length);
    }
    return true;
}

std::size_t length(std::string_view bytes) noexcept {
    std::size_t count = 0;
    for (; !bytes.empty(); ++count) bytes.remove_prefix(decode(bytes).length);
    return count;
}

void append(std::string& text, char32_t code_point) {
    assert(code_point <= 0x10FFFF && !is_surrogate(code_point));
    const auto put = [&text](char32_t byte) { text.push_back(static_cast<char>(static_cast<unsigned char>(byte))); };
    const auto put_tail = [&](unsigned shift) { put(0x80U | ((code_point >> shift) & 0x3FU)); };
    if (code_point < 0x80) {
        put(code_point);
    } else if (code_point < 0x800) {
        put(0xC0U | (code_point >> 6U));
        put_tail(0);
    } else if (code_point < 0x10000) {
        put(0xE0U | (code_point >> 12U));
        put_tail(6);
        put_tail(0);
    } else {
        put(0xF0U | (code_point >> 18U));
        put_tail(12);
        put_tail(6);
        put_tail(0);
    }
}

std::string from_latin1(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size());
    for (char c : bytes) append(text, static_cast<unsigned char>(c));
    return text;
}

} // namespace vmail::utf8
