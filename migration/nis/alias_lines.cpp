#include <algorithm>
#include <optional>
#include <string>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/charset.hpp>
#include <vmail/printable.hpp>

#include "address_list.hpp"
#include "alias_lines.hpp"
#include "aliases.hpp"
#include "colon_map.hpp"
#include "fields.hpp"

namespace vmail::nis {

namespace {

constexpr std::size_t sample_lines = 1000;
// Sendmail 8.17: "alias line too long".
constexpr std::size_t sendmail_definition_limit = 8190;

bool is_indented(std::string_view line) { return !line.empty() && ascii::is_blank(line.front()); }

bool has_name_and_colon(std::string_view line) {
    const std::size_t end = find_name_end(line);
    if (end == std::string_view::npos) return false;
    const std::string_view name = trim(line.substr(0, end));
    return name.starts_with('"') || std::none_of(name.begin(), name.end(), ascii::is_blank);
}

class alias_line_reader {
public:
    alias_line_reader(const options& o, bool keyed, ledger& lines, text_arena& texts, const std::function<void(const alias_line&)>& visit)
        : options_(o), keyed_(keyed), lines_(lines), texts_(texts), visit_(visit) {}

    void read(std::uint32_t number, std::string_view line) {
        if (line.find('\0') != std::string_view::npos) return skip_nul(number);
        if (is_blank_or_comment(line)) return pass_gap(number);
        if (!ascii::is_ascii(line)) line = decoded(number, line);
        if (keyed_) return read_keyed(number, line);
        if (is_indented(line) || joins_next_) return go_on(number, line);
        end_definition();
        begin(number, line);
    }

    void end_definition() {
        if (open_) visit_open();
        open_ = false;
        joins_next_ = false;
        has_gap_ = false;
    }

private:
    void begin(std::uint32_t number, std::string_view line) {
        open_ = true;
        span_ = {number, number};
        first_ = line;
        more_.clear();
        look_for_backslash(number, line);
    }

    void go_on(std::uint32_t number, std::string_view line) {
        if (!open_) return lines_.skip({number, number}, code::leading_continuation, fmt::format("{} goes on with nothing", quoted(trim(line))));
        if (!is_indented(line) && options_.dialect == dialect::postfix && has_name_and_colon(line)) {
            // To Postfix a backslash joins nothing, and this is a definition.
            end_definition();
            return begin(number, line);
        }
        if (has_gap_) {
            lines_.note({number, number}, code::continued_after_gap, "goes on behind a blank or comment line; Sendmail stops there");
            has_gap_ = false;
        }
        span_.last = number;
        if (more_.empty()) more_ = first_;
        more_ += '\n';
        more_ += line;
        look_for_backslash(number, line);
    }

    void look_for_backslash(std::uint32_t number, std::string_view line) {
        joins_next_ = line.ends_with('\\') && !line.ends_with("\\\\");
        if (!joins_next_) return;
        lines_.note({number, number}, code::backslash_newline, "the backslash at the end is taken as a continuation");
        if (more_.empty())
            first_.remove_suffix(1);
        else
            more_.pop_back();
    }

    void pass_gap(std::uint32_t number) {
        lines_.blank(number);
        has_gap_ = open_;
        joins_next_ = false;
    }

    /// It may have been the rest of a definition, or the first line of one.
    void skip_nul(std::uint32_t number) {
        end_definition();
        lines_.skip({number, number}, code::nul_byte, "the line has a NUL byte");
    }

    void read_keyed(std::uint32_t number, std::string_view line) {
        const auto end = std::find_if(line.begin(), line.end(), ascii::is_blank);
        const auto length = static_cast<std::size_t>(end - line.begin());
        const std::string_view key = line.substr(0, length);
        if (is_housekeeping(key)) return lines_.blank(number);
        deliver({{number, number}, key, trim(line.substr(length))});
    }

    void visit_open() {
        const std::string_view text = more_.empty() ? first_ : texts_.keep(more_);
        if (text.starts_with('+')) return lines_.skip(span_, code::compat, fmt::format("{} is no alias", quoted(text.substr(0, text.find(':')))));
        note_long(text);
        const std::size_t end = find_name_end(text);
        if (end == std::string_view::npos) return lines_.skip(span_, code::no_colon, fmt::format("no colon behind a name in {}", quoted(text)));
        deliver({span_, trim(text.substr(0, end)), trim(text.substr(end + 1))});
    }

    void note_long(std::string_view text) {
        if (options_.dialect != dialect::sendmail || text.size() <= sendmail_definition_limit) return;
        lines_.note(span_, code::long_definition,
                    fmt::format("{} bytes; Sendmail loses a definition of more than {}", text.size(), sendmail_definition_limit));
    }

    void deliver(const alias_line& definition) {
        if (definition.name == "+") return lines_.skip(definition.lines, code::compat, "+ is no alias");
        visit_(definition);
    }

    std::string_view decoded(std::uint32_t number, std::string_view line) {
        buffer_.clear();
        switch (decode(line, options_.charset, buffer_)) {
        case decoding::as_is: return line;
        case decoding::converted: lines_.note({number, number}, code::converted, "not UTF-8: read as --charset says"); break;
        case decoding::doubtful: lines_.note({number, number}, code::doubtful, "not UTF-8, and hardly what --charset says"); break;
        }
        return texts_.keep(buffer_);
    }

    const options& options_;
    bool keyed_;
    ledger& lines_;
    text_arena& texts_;
    const std::function<void(const alias_line&)>& visit_;
    bool open_ = false;
    bool has_gap_ = false;
    bool joins_next_ = false;
    line_span span_{};
    std::string_view first_;
    std::string more_; // empty while the definition has one line
    std::string buffer_;
};

} // namespace

bool looks_keyed_aliases(const map_file& map) {
    std::size_t plain = 0;
    std::size_t keyed = 0;
    bool housekeeping = false;
    for (const std::string_view line : map.lines()) {
        if (is_blank_or_comment(line)) continue;
        const auto blank = std::find_if(line.begin(), line.end(), ascii::is_blank);
        const std::string_view key = line.substr(0, static_cast<std::size_t>(blank - line.begin()));
        if (is_indented(line) || has_name_and_colon(line))
            ++plain;
        else if (blank != line.end() || is_housekeeping(key))
            ++keyed;
        housekeeping |= is_housekeeping(key);
        if (plain + keyed == sample_lines) break;
    }
    // One line alone is rather an alias without its colon.
    return keyed > plain && (keyed > 1 || housekeeping);
}

void for_each_alias_line(const map_file& map, const options& o, ledger& lines, text_arena& texts,
                         const std::function<void(const alias_line&)>& visit) {
    if (map.had_byte_order_mark()) lines.note({1, 1}, code::byte_order_mark, "the byte order mark at the start was taken away");
    const bool keyed = map.is_database() || o.form == map_form::keyed || (o.form == map_form::detect && looks_keyed_aliases(map));
    alias_line_reader reader(o, keyed, lines, texts, visit);
    std::uint32_t number = 0;
    for (const std::string_view line : map.lines()) reader.read(++number, line);
    reader.end_definition();
}

} // namespace vmail::nis
