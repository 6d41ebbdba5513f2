#include <algorithm>

#include <fmt/format.h>

#include <vmail/ascii.hpp>

#include "colon_map.hpp"
#include "fields.hpp"
#include "hidden_hashes.hpp"

namespace vmail::nis {

namespace {

constexpr std::size_t sample_lines = 1000;

struct keyed_line {
    std::string_view key;
    std::string_view value;
    bool has_value = false;
};

/// A name with a blank in it, as of groups that came from Windows: it stands there twice.
std::size_t double_key_length(std::string_view line) {
    const std::string_view first = line.substr(0, line.find(':'));
    const std::size_t half = first.size() / 2;
    const bool is_double = first.size() % 2 == 1 && ascii::is_blank(first[half]) && first.substr(0, half) == first.substr(half + 1);
    return is_double ? half : 0;
}

keyed_line split_key(std::string_view line) {
    if (const std::size_t length = double_key_length(line)) return {line.substr(0, length), line.substr(length + 1), true};
    const auto end = std::find_if(line.begin(), line.end(), ascii::is_blank);
    if (end == line.end()) return {line, {}, false};
    const auto length = static_cast<std::size_t>(end - line.begin());
    return {line.substr(0, length), line.substr(length + 1), true};
}

bool key_fits(std::string_view key, std::string_view record) {
    const auto parts = split<4>(record, ':');
    return parts.count > 1 && (parts[0] == key || (parts.count > 2 && trim(parts[2]) == key));
}

/// All that is printed of a line that nobody could make sense of: a hash stands in the next one.
std::string_view first_field(std::string_view line) { return line.substr(0, line.find(':')); }

bool is_compat(std::string_view record) { return record.starts_with('+') || record.starts_with('-'); }

class record_reader {
public:
    record_reader(bool keyed, bool has_nul, ledger& lines, const std::function<void(const colon_record&)>& visit)
        : keyed_(keyed), has_nul_(has_nul), lines_(lines), visit_(visit) {}

    void read(std::uint32_t number, std::string_view line) {
        if (has_nul_ && line.find('\0') != std::string_view::npos) return lines_.skip({number, number}, code::nul_byte, "the line has a NUL byte");
        if (is_blank_or_comment(line)) return lines_.blank(number);
        if (keyed_) return read_keyed(number, line);
        read_record(number, line);
    }

private:
    void read_keyed(std::uint32_t number, std::string_view line) {
        const keyed_line parts = split_key(line);
        if (is_housekeeping(parts.key)) return lines_.blank(number);
        const std::string_view record = parts.has_value ? parts.value : line;
        if (!is_compat(record) && !key_fits(parts.key, record))
            lines_.note({number, number}, code::key_mismatch, fmt::format("the key {} is not of this record", shown_quoted(first_field(parts.key))));
        read_record(number, record);
    }

    void read_record(std::uint32_t number, std::string_view record) {
        if (is_compat(record))
            return lines_.skip({number, number}, code::compat, fmt::format("{} is no record of this map", shown_quoted(first_field(record))));
        visit_({number, record});
    }

    bool keyed_;
    bool has_nul_;
    ledger& lines_;
    const std::function<void(const colon_record&)>& visit_;
};

} // namespace

bool is_blank_or_comment(std::string_view line) noexcept {
    const auto first = std::find_if_not(line.begin(), line.end(), ascii::is_blank);
    return first == line.end() || *first == '#';
}

bool is_housekeeping(std::string_view key) noexcept { return key == "@" || key.starts_with("YP_"); }

bool looks_keyed(const map_file& map) {
    std::size_t records = 0;
    std::size_t keyed = 0;
    std::size_t plain = 0;
    for (const std::string_view line : map.lines()) {
        if (is_blank_or_comment(line)) continue;
        const keyed_line parts = split_key(line);
        if (parts.key.find(':') == std::string_view::npos && parts.has_value && (is_housekeeping(parts.key) || key_fits(parts.key, parts.value)))
            ++keyed;
        else if (parts.has_value ? parts.key.find(':') != std::string_view::npos : line.find(':') != std::string_view::npos)
            ++plain;
        if (++records == sample_lines) break;
    }
    return keyed > plain;
}

record_source::record_source(const map_file& map, map_form form)
    : map_(map), keyed_(map.is_database() || form == map_form::keyed || (form == map_form::detect && looks_keyed(map))) {}

void record_source::read(std::size_t first, std::size_t last, ledger& lines, const std::function<void(const colon_record&)>& visit) const {
    if (first == 0 && map_.had_byte_order_mark()) lines.note({1, 1}, code::byte_order_mark, "the byte order mark at the start was taken away");
    record_reader reader(keyed_, map_.has_nul(), lines, visit);
    for (std::size_t i = first; i < last; ++i) reader.read(static_cast<std::uint32_t>(i + 1), map_.lines()[i]);
}

void for_each_record(const map_file& map, map_form form, ledger& lines, const std::function<void(const colon_record&)>& visit) {
    const record_source source(map, form);
    source.read(0, source.size(), lines, visit);
}

} // namespace vmail::nis
