#include <algorithm>
#include <array>

#include <vmail/utf8.hpp>

#include "width.hpp"

namespace vmail::tools {

namespace {

struct range {
    char32_t first;
    char32_t last;
};

// Unicode's combining blocks, and its East Asian Width W and F.
constexpr std::array combining = {range{0x0300, 0x036F}, range{0x0483, 0x0489}, range{0x0591, 0x05BD}, range{0x0610, 0x061A}, range{0x064B, 0x065F},
                                  range{0x1AB0, 0x1AFF}, range{0x1DC0, 0x1DFF}, range{0x20D0, 0x20FF}, range{0xFE20, 0xFE2F}};
constexpr std::array wide = {range{0x1100, 0x115F}, range{0x2E80, 0x303E},   range{0x3041, 0x4DBF},   range{0x4E00, 0xA4CF},
                             range{0xAC00, 0xD7A3}, range{0xF900, 0xFAFF},   range{0xFE30, 0xFE6F},   range{0xFF00, 0xFF60},
                             range{0xFFE0, 0xFFE6}, range{0x1F300, 0x1F64F}, range{0x1F900, 0x1F9FF}, range{0x20000, 0x3FFFD}};

template <std::size_t Size>
bool holds(const std::array<range, Size>& ranges, char32_t c) noexcept {
    return std::any_of(ranges.begin(), ranges.end(), [c](const range& r) { return r.first <= c && c <= r.last; });
}

} // namespace

std::size_t display_width(std::string_view text) noexcept {
    std::size_t columns = 0;
    while (!text.empty()) {
        const auto c = utf8::decode(text);
        text.remove_prefix(c.length);
        if (c.valid && c.code_point >= 0x300 && holds(combining, c.code_point)) continue;
        columns += c.valid && c.code_point >= 0x1100 && holds(wide, c.code_point) ? 2U : 1U;
    }
    return columns;
}

} // namespace vmail::tools
