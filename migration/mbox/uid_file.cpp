#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "file_name.hpp"
#include "uid_file.hpp"

namespace vmail::mbox {

namespace {

std::optional<std::uint32_t> number(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size() || value == 0) return {};
    return value;
}

std::string_view take(std::string_view& text, char end) {
    const std::size_t at = std::min(text.find(end), text.size());
    const std::string_view part = text.substr(0, at);
    text.remove_prefix(std::min(at + 1, text.size()));
    return part;
}

bool parse_header(std::string_view line, uid_file& f) {
    if (take(line, ' ') != "3") return false;
    bool has_next = false;
    while (!line.empty()) {
        const std::string_view field = take(line, ' ');
        if (field.empty()) continue;
        if (field.front() != 'V' && field.front() != 'N') {
            f.others.append(" ").append(field);
            continue;
        }
        const auto value = number(field.substr(1));
        if (!value) return false;
        if (field.front() == 'N') has_next = true;
        (field.front() == 'V' ? f.uid_validity : f.next_uid) = *value;
    }
    return has_next && f.uid_validity != 0;
}

std::optional<uid_file::row> parse_row(std::string_view line) {
    const std::size_t mark = line.find(" :");
    if (mark == std::string_view::npos || mark + 2 == line.size()) return {};
    std::string_view left = line.substr(0, mark);
    const auto uid = number(take(left, ' '));
    if (!uid) return {};
    return uid_file::row{*uid, std::string(left), std::string(line.substr(mark + 2))};
}

} // namespace

std::optional<uid_file> uid_file::parse(std::string_view text) {
    uid_file f;
    if (!text.ends_with('\n') || !parse_header(take(text, '\n'), f)) return {};
    while (!text.empty()) {
        auto row = parse_row(take(text, '\n'));
        if (!row) return {};
        f.rows.push_back(*std::move(row));
    }
    std::stable_sort(f.rows.begin(), f.rows.end(), [](const row& a, const row& b) { return a.uid < b.uid; });
    const auto twice = std::adjacent_find(f.rows.begin(), f.rows.end(), [](const row& a, const row& b) { return a.uid == b.uid; });
    if (twice != f.rows.end()) return {};
    if (f.rows.empty()) return f;
    if (f.rows.back().uid == std::numeric_limits<std::uint32_t>::max()) return {};
    // Dovecot appends rows without writing the header anew.
    f.next_uid = std::max(f.next_uid, f.rows.back().uid + 1);
    return f;
}

std::string uid_file::text() const {
    std::string text = fmt::format("3 V{} N{}{}\n", uid_validity, next_uid, others);
    for (const row& r : rows) fmt::format_to(std::back_inserter(text), "{}{}{} :{}\n", r.uid, r.extensions.empty() ? "" : " ", r.extensions, r.file);
    return text;
}

bool uid_file::is_untouched() const {
    return others.empty() && std::all_of(rows.begin(), rows.end(), [](const row& r) { return r.extensions.empty() && key_in(r.file); });
}

} // namespace vmail::mbox
