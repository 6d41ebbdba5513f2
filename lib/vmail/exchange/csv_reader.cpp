#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/utf8.hpp>

#include <vmail/exchange/csv_reader.hpp>

namespace vmail::exchange {

namespace {

constexpr std::size_t longest_cell = 1024 * 1024;
constexpr std::size_t longest_header = 64 * 1024;
constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";

/// By its mark, or by the zeros that ASCII has in it.
bool is_utf16(std::string_view head) {
    return head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF") || (head.size() >= 2 && (head[0] == '\0') != (head[1] == '\0'));
}

} // namespace

csv_reader::csv_reader(std::istream& in, std::string name, csv_options options) : in_(in), name_(std::move(name)), options_(options) {}

void csv_reader::begin() {
    begun_ = true;
    ahead_.resize(longest_header);
    in_.read(ahead_.data(), static_cast<std::streamsize>(ahead_.size()));
    ahead_.resize(static_cast<std::size_t>(in_.gcount()));
    if (is_utf16(ahead_)) fail({}, "it is UTF-16, and UTF-8 is expected");
    if (ahead_.starts_with(utf8_mark)) taken_ = utf8_mark.size();
    delimiter_ = options_.delimiter.value_or(find_delimiter());
}

char csv_reader::find_delimiter() {
    constexpr std::array candidates = {',', ';', '\t'};
    std::array<std::size_t, candidates.size()> counts{};
    bool in_quotes = false;
    for (std::size_t i = taken_; i < ahead_.size() && (in_quotes || (ahead_[i] != '\n' && ahead_[i] != '\r')); ++i) {
        if (ahead_[i] == '"') in_quotes = !in_quotes;
        const auto is = std::find(candidates.begin(), candidates.end(), ahead_[i]);
        if (!in_quotes && is != candidates.end()) ++counts[static_cast<std::size_t>(is - candidates.begin())];
    }
    return candidates[static_cast<std::size_t>(std::max_element(counts.begin(), counts.end()) - counts.begin())];
}

int csv_reader::peek() {
    if (taken_ == ahead_.size()) {
        taken_ = 0;
        ahead_.resize(longest_header);
        in_.read(ahead_.data(), static_cast<std::streamsize>(ahead_.size()));
        ahead_.resize(static_cast<std::size_t>(in_.gcount()));
        if (in_.bad()) throw error(error_kind::input_missing, place_in(name_, {}) + "it cannot be read to its end");
        if (ahead_.empty()) return end;
    }
    return static_cast<unsigned char>(ahead_[taken_]);
}

int csv_reader::take() {
    const int c = peek();
    if (c == end) return c;
    ++taken_;
    if (c == '\0') fail(at_, "there is a NUL byte");
    if (c == '\n') at_ = {at_.line + 1, 1};
    else ++at_.column;
    return c;
}

bool csv_reader::take_line_end() {
    if (peek() == '\r') {
        const position where = at_;
        take();
        if (peek() != '\n') fail(where, "a carriage return stands alone");
    }
    if (peek() != '\n') return false;
    take();
    return true;
}

std::optional<std::vector<csv_cell>> csv_reader::next() {
    if (!begun_) begin();
    while (take_line_end()) {}
    if (peek() == end) return std::nullopt;
    std::vector<csv_cell> row;
    do row.push_back(read_cell());
    while (peek() == static_cast<unsigned char>(delimiter_) && take() != end);
    if (peek() != end && !take_line_end()) fail(at_, "a cell goes on after its closing quote");
    return row;
}

csv_cell csv_reader::read_cell() {
    csv_cell cell{{}, at_};
    peek() == '"' ? read_quoted(cell) : read_bare(cell);
    finish(cell);
    return cell;
}

void csv_reader::read_quoted(csv_cell& cell) {
    take();
    for (;;) {
        const int c = take();
        if (c == end) fail(cell.at, "the quote that begins here is never closed");
        if (c != '"') append(cell, c);
        else if (peek() == '"') append(cell, take());
        else return;
    }
}

void csv_reader::read_bare(csv_cell& cell) {
    for (int c = peek(); c != end && c != static_cast<unsigned char>(delimiter_) && c != '\n' && c != '\r'; c = peek()) {
        if (c == '"') fail(at_, "a quote stands in a cell that does not begin with one");
        append(cell, take());
    }
}

void csv_reader::append(csv_cell& cell, int c) {
    if (cell.text.size() == longest_cell) fail(cell.at, "a cell has more than a MiB");
    cell.text += static_cast<char>(c);
}

void csv_reader::finish(csv_cell& cell) {
    if (utf8::is_valid(cell.text)) return;
    if (!options_.charset || *options_.charset == charset::utf_8) fail(cell.at, "it is not UTF-8, and nothing says which other character set it has");
    std::string text;
    decode(cell.text, *options_.charset, text);
    cell.text = std::move(text);
}

} // namespace vmail::exchange
