#pragma once

#include <istream>
#include <optional>
#include <string>
#include <vector>

#include <vmail/charset.hpp>
#include <vmail/exchange/record.hpp>

/// Internal to the exchange format.
namespace vmail::exchange {

struct csv_options {
    std::optional<char> delimiter{};        ///< nothing: the one of comma, semicolon and tab that the first line has most of
    std::optional<vmail::charset> charset{}; ///< of what is not UTF-8; nothing: that is an error
};

/// A cell, as UTF-8.
struct csv_cell {
    std::string text;
    position at;
};

/// Reads CSV (RFC 4180), row by row: delimiters and line ends of either kind, quotes, a byte order mark. Rows without a byte are left out. Throws invalid_value,
/// with the place, for what is none: a quote within a cell that has none around it, one that is never closed, NUL, UTF-16, cells of more than a MiB.
class csv_reader {
public:
    /// The stream must outlive it. The name is for errors.
    csv_reader(std::istream& in, std::string name, csv_options options);

    std::optional<std::vector<csv_cell>> next();
    const std::string& name() const noexcept { return name_; }

private:
    static constexpr int end = -1;

    void begin();
    char find_delimiter();
    int peek();
    int take();
    bool take_line_end();
    csv_cell read_cell();
    void read_quoted(csv_cell& cell);
    void read_bare(csv_cell& cell);
    void append(csv_cell& cell, int c);
    void finish(csv_cell& cell);
    [[noreturn]] void fail(const position& where, const std::string& sentence) const { refuse(name_, where, sentence); }

    std::istream& in_;
    std::string name_;
    csv_options options_;
    std::string ahead_; ///< bytes that were read to find the delimiter
    std::size_t taken_ = 0;
    position at_{1, 1};
    char delimiter_ = ',';
    bool begun_ = false;
};

} // namespace vmail::exchange
