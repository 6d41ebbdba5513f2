#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "targets.hpp"

namespace vmail::tools {

namespace {

void strip_blanks(std::string& text) {
    while (!text.empty() && (ascii::is_blank(text.back()) || text.back() == '\r')) text.pop_back();
    text.erase(0, std::min(text.find_first_not_of(" \t"), text.size()));
}

/// An address, too, may begin with "#".
bool is_comment(std::string_view line) {
    const auto rest = std::min(line.find_first_not_of('#'), line.size());
    return rest > 0 && (rest == line.size() || ascii::is_blank(line[rest]));
}

void read_lines(std::istream& in, std::vector<named_target>& targets) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    std::string line;
    for (std::size_t number = 1; std::getline(in, line); ++number) {
        if (number == 1 && line.starts_with(byte_order_mark)) line.erase(0, byte_order_mark.size());
        strip_blanks(line);
        if (line.empty() || is_comment(line)) continue;
        targets.push_back({line, fmt::format("standard input line {}: ", number)});
    }
    if (in.bad()) throw error(error_kind::input_missing, "cannot read standard input");
}

} // namespace

std::vector<named_target> read_targets(const std::vector<std::string>& arguments, std::istream& in, const std::string& what) {
    if (arguments.empty())
        throw error(error_kind::usage, fmt::format("no {} is given", what), {.hint = "give one or more, or \"-\" to read them from standard input"});
    std::vector<named_target> targets;
    for (const auto& argument : arguments) {
        if (argument == "-")
            read_lines(in, targets);
        else
            targets.push_back({argument});
    }
    return targets;
}

void made_once::require(std::string_view name) {
    if (seen_.insert(ascii::to_lower(name)).second) return;
    throw already_exists(fmt::format("{} is named twice, and made once", printable(name)));
}

void rethrow_with_origin(const std::string& origin) {
    try {
        throw;
    } catch (const invalid_value& e) {
        if (origin.empty()) throw;
        throw invalid_value(origin + e.what(), {.hint = e.hint(), .remedy = e.remedy(), .subject = e.subject()});
    }
}

} // namespace vmail::tools
