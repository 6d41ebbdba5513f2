#include <charconv>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/jobs/runner.hpp>
#include <vmail/printable.hpp>

#include "max_changes.hpp"

namespace vmail::tools {

std::size_t parse_max_changes(const std::string& text, std::string_view flag) {
    if (text == "none") return unlimited_changes;
    std::size_t count = 0;
    const auto end = text.data() + text.size();
    const auto [at, fault] = std::from_chars(text.data(), end, count);
    if (fault != std::errc() || at != end) throw invalid_value(fmt::format("{} takes a number or none, not {}", flag, vmail::quoted(text)));
    return count;
}

} // namespace vmail::tools
