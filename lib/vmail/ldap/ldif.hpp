#pragma once

#include <cstddef>
#include <istream>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <vmail/export.hpp>
#include <vmail/ldap/dn.hpp>
#include <vmail/ldap/entry.hpp>

namespace vmail::ldap {

struct ldif_add {
    ldap::entry entry; ///< a content record, or changetype: add
};
struct ldif_modify {
    ldap::dn dn;
    std::vector<modification> changes;
};
struct ldif_delete {
    ldap::dn dn;
};
struct ldif_rename {
    ldap::dn dn;
    ldap::dn::rdn new_rdn;
    bool delete_old_rdn = true;
    std::optional<ldap::dn> new_superior;
};

/// One record of an LDIF file (RFC 2849).
struct ldif_record {
    std::variant<ldif_add, ldif_modify, ldif_delete, ldif_rename> what;
    std::size_t first_line = 0; ///< physical lines, counted from 1
    std::size_t last_line = 0;
    const ldap::dn& dn() const;
};

/// Reads LDIF record by record. Takes LF and CR LF, comments, folded lines, an optional "version: 1", base64 values and DNs, attribute
/// options. Values from a URL ("attr:< file:///...") are refused: a file that comes from elsewhere must not read ours. Control lines
/// ("control: ...") are refused as well.
///
/// A change record's parser tracks its state: the schema has an attribute named "delete".
class VMAIL_EXPORT ldif_reader {
public:
    /// The name stands in error sentences ("FILE:LINE: ..."). The stream must outlive the reader.
    ldif_reader(std::istream& in, std::string file_name);

    /// The next record, or nothing at the end. Throws invalid_value; after that the reader is at its end.
    std::optional<ldif_record> next();

private:
    struct line {
        std::string text;
        std::size_t number = 0;
    };
    std::istream& in_;
    std::string file_;
    std::size_t line_number_ = 0;
    std::optional<line> ahead_;
    bool failed_ = false;
    bool first_ = true;
};

/// Writes LDIF that slapadd, ldapadd and ldapmodify take unchanged: no version line (slapadd fails on it), LF, folded at 76 bytes, base64
/// for whatever is not an RFC 2849 SAFE-STRING, objectClass first with its values together.
class VMAIL_EXPORT ldif_writer {
public:
    /// The stream must outlive the writer; its state is the caller's to check.
    explicit ldif_writer(std::ostream& out) : out_(out) {}

    void write(const entry& e);
    void write_modify(const dn& name, const std::vector<modification>& changes);
    void write_delete(const dn& name);
    /// A content record as "changetype: add", for files that mix.
    void write_add(const entry& e);
    void write_comment(std::string_view text);

private:
    std::ostream& out_;
};

/// "name: value" or "name:: base64", folded, with its line end.
VMAIL_EXPORT std::string ldif_line(std::string_view name, std::string_view value);

/// RFC 4648 with padding.
VMAIL_EXPORT std::string base64_encode(std::string_view bytes);
/// Nothing when the text is not base64.
VMAIL_EXPORT std::optional<std::string> base64_decode(std::string_view text);

} // namespace vmail::ldap
