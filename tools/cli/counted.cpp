#include <fmt/format.h>

#include "counted.hpp"

namespace vmail::tools {

namespace {

std::string singular_of(std::string_view plural) {
    const auto without = [plural](std::size_t letters) { return std::string(plural.substr(0, plural.size() - letters)); };
    if (plural.ends_with("ies")) return without(3) + 'y';
    if (plural.ends_with("ses") || plural.ends_with("xes")) return without(2);
    return without(1);
}

} // namespace

std::string counted(std::size_t count, std::string_view plural) { return fmt::format("{} {}", count, count == 1 ? singular_of(plural) : std::string(plural)); }

} // namespace vmail::tools
