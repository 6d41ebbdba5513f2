#pragma once

#include <istream>
#include <memory>
#include <optional>
#include <string>

#include <vmail/export.hpp>
#include <vmail/ldap/ldif_record.hpp>

namespace vmail::ldap {

/// Reads LDIF record by record. Takes LF and CR LF, comments, folded lines, an optional "version: 1", base64 values and DNs, attribute
/// options, UTF-8 where RFC 2849 wants base64, a byte order mark, a last line without an end. Values from a URL
/// ("attr:< file:///...") are refused: a file that comes from elsewhere must not read ours. Control lines ("control: ...") are refused as well.
///
/// Strict in the rest: a value that is not UTF-8 and not base64, a NUL or a lone CR, a folded line behind a comment inside a record (whose
/// text would be lost), a modify without its "-", a logical line of more than 64 MiB. Values are the server's to judge: empty and equal ones pass.
///
/// A change record's parser tracks its state: the schema has an attribute named "delete".
class VMAIL_EXPORT ldif_reader {
public:
    /// The name stands in error sentences ("FILE:LINE: ..."). The stream must outlive the reader.
    /// The lines that come may be a piece of that file, which begins with its line `first_line`.
    ldif_reader(std::istream& in, std::string file_name, std::size_t first_line = 1);
    ldif_reader(ldif_reader&&) noexcept;
    ldif_reader& operator=(ldif_reader&&) noexcept;
    ~ldif_reader();

    /// The next record, or nothing at the end. Throws invalid_value, and error(input_missing) when the stream cannot be read; after
    /// that the reader is at its end.
    std::optional<ldif_record> next();

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace vmail::ldap
