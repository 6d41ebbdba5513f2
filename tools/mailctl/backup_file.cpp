#include "backup_file.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

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

namespace {

constexpr std::string_view identity_begin = "# made by: ", passwords_begin = "# passwords: ";

/// What stands behind the beginning, in the last line that has it.
std::optional<std::string> last_line_of(std::string_view text, std::string_view begin) {
    const auto at = text.rfind(fmt::format("\n{}", begin));
    if (at == std::string_view::npos) return std::nullopt;
    text.remove_prefix(at + 1 + begin.size());
    return std::string(text.substr(0, text.find('\n')));
}

std::string tail_of(const std::string& path) {
    constexpr std::streamoff longest = 4096;
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    const std::streamoff size = in ? static_cast<std::streamoff>(in.tellg()) : 0;
    in.seekg(std::max<std::streamoff>(0, size - longest));
    return {std::istreambuf_iterator<char>(in), {}};
}

/// So many may have gone since, by what is done every day.
std::size_t slack(std::size_t count) { return std::max<std::size_t>(10, count / 10); }

} // namespace

std::string backup_fullness::text() const { return fmt::format("{}{}\n{}{}\n{}", identity_begin.substr(2), identity, passwords_begin.substr(2), passwords, backup_mark::last(entries)); }

std::optional<backup_fullness> backup_fullness::of(const std::string& path) {
    const std::string tail = tail_of(path);
    const auto whole = last_line_of(tail, whole_begin), had = last_line_of(tail, passwords_begin), who = last_line_of(tail, identity_begin);
    if (!whole || !had || !who || !whole->ends_with(whole_end)) return std::nullopt;
    const auto all = number_in(std::string_view(*whole).substr(0, whole->size() - whole_end.size())), secrets = number_in(*had);
    if (!all || !secrets) return std::nullopt;
    return backup_fullness{*all, *secrets, *who};
}

bool backup_fullness::replaces(const backup_fullness& other) const {
    const auto as_much = [same = identity == other.identity](std::size_t now, std::size_t then) { return now + (same ? slack(then) : 0) >= then; };
    return as_much(entries, other.entries) && as_much(passwords, other.passwords);
}

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
