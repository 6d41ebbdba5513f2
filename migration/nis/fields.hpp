#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <vmail/ascii.hpp>

namespace vmail::nis {

/// Without blanks and tabs at both ends.
constexpr std::string_view trim(std::string_view text) noexcept {
    while (!text.empty() && ascii::is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && ascii::is_blank(text.back())) text.remove_suffix(1);
    return text;
}

/// The parts of a line between separators; all are counted, the first N are kept.
template <std::size_t N>
struct fields {
    std::array<std::string_view, N> at{};
    std::size_t count = 0;

    std::string_view operator[](std::size_t i) const noexcept { return at[i]; }
};

template <std::size_t N>
fields<N> split(std::string_view text, char separator) noexcept {
    fields<N> parts;
    std::size_t start = 0;
    const auto end_field = [&](std::size_t end) {
        if (parts.count < N) parts.at[parts.count] = text.substr(start, end - start);
        ++parts.count;
        start = end + 1;
    };
    std::size_t i = 0;
    if constexpr (std::endian::native == std::endian::little) {
        // Fields are too short for memchr() to pay: eight bytes at a time, each bit set is the top of a byte that is a separator.
        constexpr std::uint64_t low_bits = 0x7F7F7F7F7F7F7F7FU;
        const std::uint64_t pattern = 0x0101010101010101U * static_cast<unsigned char>(separator);
        for (; i + sizeof(std::uint64_t) <= text.size(); i += sizeof(std::uint64_t)) {
            std::uint64_t word = 0;
            std::memcpy(&word, text.data() + i, sizeof word);
            word ^= pattern;
            for (std::uint64_t found = ~(((word & low_bits) + low_bits) | word | low_bits); found != 0; found &= found - 1)
                end_field(i + static_cast<std::size_t>(std::countr_zero(found)) / 8);
        }
    }
    for (; i < text.size(); ++i)
        if (text[i] == separator) end_field(i);
    end_field(text.size());
    return parts;
}

} // namespace vmail::nis
