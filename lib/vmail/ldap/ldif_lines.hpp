#pragma once

#include <cstddef>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vmail::ldap {

/// Internal to ldif_reader: physical lines with a bound on their length, LF or CR LF taken off.
class physical_lines {
public:
    /// The first line that comes is the one of this number.
    physical_lines(std::istream& in, std::string file, std::size_t first) : in_(in), file_(std::move(file)), number_(first - 1) {}

    /// False at the end of the stream. Throws like ldif_reader::next().
    bool next(std::string& line);
    /// Of the line that next() gave last.
    std::size_t number() const noexcept { return number_; }

    /// Throws invalid_value "FILE:LINE: sentence".
    [[noreturn]] void fail(std::size_t line, std::string_view sentence) const;

private:
    bool refill();
    void check(std::string& line);

    std::istream& in_;
    std::string file_;
    std::size_t number_;
    std::vector<char> block_;
    std::size_t at_ = 0;
    std::size_t end_ = 0;
};

/// Internal to ldif_reader: logical lines (RFC 2849 notes 2 and 3), without folds and comments.
class logical_lines {
public:
    struct line {
        std::string text; ///< empty: the end of a record
        std::size_t first = 0;
        std::size_t last = 0;
    };

    logical_lines(std::istream& in, std::string file, std::size_t first = 1) : physical_(in, std::move(file), first) {}

    std::optional<line> next();

    [[noreturn]] void fail(std::size_t line_number, std::string_view sentence) const { physical_.fail(line_number, sentence); }

private:
    bool look_ahead();
    bool at_continuation();
    void skip_comment();
    void append_continuations(line& l);

    physical_lines physical_;
    std::string ahead_; ///< a physical line that was read and not yet used
    bool has_ahead_ = false;
    bool in_record_ = false;
};

} // namespace vmail::ldap
