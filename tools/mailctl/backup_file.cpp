#include "backup_file.hpp"

#include <charconv>
#include <fstream>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/compact_text.hpp>
#include <vmail/error.hpp>

namespace vmail::tools {

namespace {

constexpr std::string_view name_begin = "tree-", name_end = ".ldif", whole_begin = "# whole: ", whole_end = " entries";

std::optional<std::size_t> number_in(std::string_view text) {
    std::size_t n = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (text.empty() || problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return n;
}

/// Without its beginning and its end; nothing where it has not both.
std::optional<std::string_view> between(std::string_view text, std::string_view begin, std::string_view end) {
    if (text.size() < begin.size() + end.size() || !text.starts_with(begin) || !text.ends_with(end)) return std::nullopt;
    return text.substr(begin.size(), text.size() - begin.size() - end.size());
}

/// "20261231T235959Z"
std::optional<timestamp> moment_in(std::string_view text) {
    if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
    try {
        return timestamp::parse_digits(fmt::format("{}{}", text.substr(0, 8), text.substr(9, 6)));
    } catch (const invalid_value&) {
        return std::nullopt;
    }
}

} // namespace

std::optional<backup_name> backup_name::parse(std::string_view text) {
    const auto middle = between(text, name_begin, name_end);
    if (!middle) return std::nullopt;
    const auto moment = moment_in(middle->substr(0, 16));
    if (!moment) return std::nullopt;
    const std::string_view rest = middle->substr(16);
    if (rest.empty()) return backup_name{*moment};
    const auto number = rest.front() == '.' ? number_in(rest.substr(1)) : std::nullopt;
    if (!number || *number < 2) return std::nullopt;
    return backup_name{*moment, *number};
}

std::string backup_name::text() const {
    return fmt::format("{}{}{}{}", name_begin, compact_text(moment), number > 1 ? fmt::format(".{}", number) : "", name_end);
}

std::string backup_mark::last(std::size_t entries) { return fmt::format("{}{}{}", whole_begin.substr(2), entries, whole_end); }

backup_marks read_backup_marks(const std::string& path) {
    std::ifstream in(path);
    backup_marks marks;
    bool at_start = true;
    for (std::string line; std::getline(in, line); at_start = false) {
        const bool is_cut = in.eof();
        if (line.ends_with('\r')) line.pop_back();
        if (at_start) marks.begins = line == fmt::format("# {}", backup_mark::first);
        const auto told = between(line, whole_begin, whole_end);
        marks.entries = told && !is_cut ? number_in(*told) : std::nullopt;
        marks.is_closed = !is_cut && (line.empty() || (line.starts_with('#') && marks.is_closed));
    }
    return marks;
}

} // namespace vmail::tools
