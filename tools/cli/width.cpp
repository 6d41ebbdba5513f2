#include <algorithm>
#include <iterator>

#include <vmail/utf8.hpp>

#include "width.hpp"
#include "width_table.hpp"

namespace vmail::tools {

namespace {

template <std::size_t Size>
bool holds(const code_points (&table)[Size], char32_t c) noexcept {
    const auto* const after = std::upper_bound(std::begin(table), std::end(table), c, [](char32_t value, const code_points& r) { return value < r.first; });
    return after != std::begin(table) && c <= std::prev(after)->last;
}

std::size_t width_of(char32_t c) noexcept {
    constexpr char32_t below_are_plain = 0x300;
    if (c < below_are_plain) return 1;
    if (holds(without_width, c)) return 0;
    return holds(of_two_columns, c) ? 2 : 1;
}

} // namespace

std::size_t display_width(std::string_view text) noexcept {
    std::size_t columns = 0;
    while (!text.empty()) {
        const auto c = utf8::decode(text);
        text.remove_prefix(c.length);
        columns += c.valid ? width_of(c.code_point) : 1U;
    }
    return columns;
}

} // namespace vmail::tools
