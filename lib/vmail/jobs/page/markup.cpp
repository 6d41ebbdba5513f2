#include <cstddef>

#include <fmt/format.h>

#include <vmail/printable.hpp>

#include <vmail/jobs/page/markup.hpp>

namespace vmail::page {

namespace {

std::string_view entity_of(char c) {
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return {};
    }
}

} // namespace

std::string escaped(std::string_view bytes) {
    std::string out;
    for (const char c : printable(bytes)) {
        const auto entity = entity_of(c);
        if (entity.empty()) out.push_back(c);
        else out.append(entity);
    }
    return out;
}

std::string grouped(std::uint64_t n) {
    std::string digits = std::to_string(n);
    for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
    return digits;
}

std::string datum(std::uint64_t n, std::string_view shown) { return fmt::format("<data value=\"{}\">{}</data>", n, escaped(shown)); }
std::string datum(std::uint64_t n) { return datum(n, grouped(n)); }

std::string shortened(std::string_view text, std::size_t most) {
    if (text.size() <= most) return std::string(text);
    const std::size_t tail = (most - 1) / 2;
    return fmt::format("{}\u2026{}", text.substr(0, most - 1 - tail), text.substr(text.size() - tail));
}

} // namespace vmail::page
