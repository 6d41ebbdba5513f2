#pragma once

#include <array>
#include <cstddef>
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
template <std::size_t N> struct fields {
    std::array<std::string_view, N> at{};
    std::size_t count = 0;

    std::string_view operator[](std::size_t i) const noexcept { return at[i]; }
};

template <std::size_t N> constexpr fields<N> split(std::string_view text, char separator) noexcept {
    fields<N> parts;
    while (true) {
        const std::size_t end = text.find(separator);
        if (parts.count < N) parts.at[parts.count] = text.substr(0, end);
        ++parts.count;
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

} // namespace vmail::nis
