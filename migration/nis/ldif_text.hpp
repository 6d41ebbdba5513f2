#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>

namespace vmail::nis {

/// Writes the same bytes as vmail::ldap::ldif_writer, attribute by attribute and without an entry in between. For the millions of entries that differ in a few values.
class ldif_text {
public:
    /// The stream must outlive it; its state is the caller's to check.
    explicit ldif_text(std::ostream& out) : out_(out) { buffer_.reserve(2 * flush_at); }
    ~ldif_text() { flush(); }
    ldif_text(const ldif_text&) = delete;
    ldif_text& operator=(const ldif_text&) = delete;

    /// Whole lines, as they are to stand.
    void lines(std::string_view text) { buffer_ += text; }
    /// "name: prefix value suffix", with base64 and folded where LDIF wants it. Precondition: prefix and suffix are printable ASCII.
    void line(std::string_view name, std::string_view prefix, std::string_view value, std::string_view suffix = {});
    void line(std::string_view name, std::string_view value) { line(name, {}, value); }
    void end_record();

    void flush();

private:
    static constexpr std::size_t flush_at = 256 * 1024;
    void fold(std::size_t start);

    std::ostream& out_;
    std::string buffer_;
};

} // namespace vmail::nis
