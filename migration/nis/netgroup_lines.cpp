#include <algorithm>
#include <string>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/printable.hpp>

#include "colon_map.hpp"
#include "fields.hpp"
#include "netgroup_lines.hpp"

namespace vmail::nis {

namespace {

struct key_and_rest {
    std::string_view key;
    std::string_view rest;
};

key_and_rest split_key(std::string_view text) {
    const auto end = std::find_if(text.begin(), text.end(), [](char c) { return ascii::is_blank(c) || c == '\n'; });
    const auto length = static_cast<std::size_t>(end - text.begin());
    return {text.substr(0, length), trim(text.substr(length))};
}

class netgroup_line_reader {
public:
    netgroup_line_reader(const options& o, bool keyed, ledger& lines, text_arena& texts, const std::function<void(const netgroup_line&)>& visit)
        : has_housekeeping_(keyed || o.form != map_form::plain), joins_lines_(!keyed), lines_(lines), texts_(texts), visit_(visit) {}

    void read(std::uint32_t number, std::string_view line) {
        if (line.find('\0') != std::string_view::npos) return skip_nul(number);
        if (joins_next_) return go_on(number, line);
        end_definition();
        if (is_blank_or_comment(line)) return lines_.blank(number);
        if (ascii::is_blank(line.front()))
            return lines_.skip({number, number}, code::bad_netgroup,
                               fmt::format("{} is indented, and no backslash ends the line before", quoted(trim(line))));
        open_ = true;
        span_ = {number, number};
        text_.clear();
        append(number, line);
    }

    void end_definition() {
        if (open_) visit_open();
        open_ = false;
        joins_next_ = false;
    }

private:
    void go_on(std::uint32_t number, std::string_view line) {
        span_.last = number;
        text_ += '\n';
        append(number, line);
    }

    void append(std::uint32_t number, std::string_view line) {
        const std::string_view trimmed = trim(line);
        const bool has_backslash = trimmed.ends_with('\\');
        joins_next_ = has_backslash && joins_lines_;
        if (joins_next_ && !line.ends_with('\\'))
            lines_.note({number, number}, code::backslash_newline, "the backslash has blanks behind it: taken as a continuation");
        text_ += has_backslash ? line.substr(0, line.rfind('\\')) : line;
    }

    void skip_nul(std::uint32_t number) {
        end_definition();
        lines_.skip({number, number}, code::nul_byte, "the line has a NUL byte");
    }

    void visit_open() {
        const auto [key, rest] = split_key(texts_.keep(text_));
        if (has_housekeeping_ && is_housekeeping(key)) return settle_blank();
        if (key.starts_with('+') || key.starts_with('-')) return lines_.skip(span_, code::compat, fmt::format("{} is no netgroup", quoted(key)));
        visit_({span_, key, rest});
    }

    void settle_blank() {
        for (std::uint32_t line = span_.first; line <= span_.last; ++line) lines_.blank(line);
    }

    bool has_housekeeping_;
    bool joins_lines_; ///< makedbm joined them already, and leaves the backslash of a last line
    ledger& lines_;
    text_arena& texts_;
    const std::function<void(const netgroup_line&)>& visit_;
    bool open_ = false;
    bool joins_next_ = false;
    line_span span_{};
    std::string text_;
};

bool is_keyed(const map_file& map, map_form form) {
    if (map.is_database()) return true;
    if (form != map_form::detect) return form == map_form::keyed;
    return std::any_of(map.lines().begin(), map.lines().end(), [](std::string_view line) { return is_housekeeping(split_key(line).key); });
}

} // namespace

void for_each_netgroup_line(const map_file& map, const options& o, ledger& lines, text_arena& texts,
                            const std::function<void(const netgroup_line&)>& visit) {
    if (map.had_byte_order_mark()) lines.note({1, 1}, code::byte_order_mark, "the byte order mark at the start was taken away");
    netgroup_line_reader reader(o, is_keyed(map, o.form), lines, texts, visit);
    std::uint32_t number = 0;
    for (const std::string_view line : map.lines()) reader.read(++number, line);
    reader.end_definition();
}

bool looks_reversed(const map_file& map) {
    bool found = false;
    for (const std::string_view line : map.lines()) {
        if (is_blank_or_comment(line)) continue;
        const auto [key, rest] = split_key(line);
        if (is_housekeeping(key)) continue;
        const bool is_reversed = key.find('.') != std::string_view::npos && !rest.empty() && rest.find_first_of(" \t(\\") == std::string_view::npos;
        if (!is_reversed) return false;
        found |= rest.find(',') != std::string_view::npos || key.ends_with(".*");
    }
    return found;
}

} // namespace vmail::nis
