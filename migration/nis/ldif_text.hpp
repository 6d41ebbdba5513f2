#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace vmail::nis {

/// What stands around a value that differs from entry to entry: whole lines before it, and "name: prefix", value, suffix.
class line_frame {
public:
    /// Precondition: prefix and suffix are printable ASCII.
    line_frame(std::string before, std::string_view name, std::string prefix, std::string_view suffix);

private:
    friend class ldif_text;
    std::string before_;
    std::string name_;
    std::string prefix_;
    std::string suffix_;
    std::string start_; ///< "name: prefix"
    std::string lead_;  ///< the lines before, and the start
    std::string tail_;  ///< the suffix and the end of the line
};

/// LDIF in memory, with the same bytes as vmail::ldap::ldif_writer writes, but value by value and without an entry in between. For the millions of entries that
/// differ in a few values.
class ldif_text {
public:
    /// Whole lines, as they are to stand.
    void lines(std::string_view text) { put(text); }
    /// "name: value", with base64 and folded where LDIF wants it.
    void line(std::string_view name, std::string_view value);
    /// The lines before it and the line itself; the value as it is or in lower case.
    void line(const line_frame& frame, std::string_view value, bool lower_case);
    /// The same without the lines before it.
    void next_line(const line_frame& frame, std::string_view value, bool lower_case);
    void lines_before(const line_frame& frame) { put(frame.before_); }
    void end_record() { put("\n"); }

    std::string_view text() const noexcept { return {bytes_.get(), size_}; }
    void clear() noexcept { size_ = 0; }

private:
    /// Where so many bytes may be written.
    char* room(std::size_t bytes);
    void put(std::string_view text);
    void framed(std::string_view lead, const line_frame& frame, std::string_view value, bool lower_case);
    void plain(std::string_view lead, std::size_t line_start, std::string_view value, bool lower_case, std::string_view tail);
    void encoded(std::string_view name, std::string_view prefix, std::string_view value, std::string_view suffix, bool lower_case);
    void fold(std::size_t start, std::size_t length);

    std::unique_ptr<char[]> bytes_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

} // namespace vmail::nis
