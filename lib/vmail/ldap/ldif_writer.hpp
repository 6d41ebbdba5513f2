#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/export.hpp>
#include <vmail/ldap/dn.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/entry_view.hpp>
#include <vmail/ldap/request.hpp>

namespace vmail::ldap {

/// Writes LDIF that slapadd, ldapadd and ldapmodify take unchanged: no version line (slapadd fails on it), LF, folded at 76 bytes, base64
/// for whatever is not an RFC 2849 SAFE-STRING, objectClass first with its values together. Control bytes are base64 as well, so the
/// output is safe on a terminal.
///
/// Every function throws invalid_value for what LDIF cannot say: an attribute name that is none, an entry without attributes, an addition of
/// no values, a rename to nothing. Nothing of such a record is written.
class VMAIL_EXPORT ldif_writer {
public:
    /// The stream must outlive the writer; its state is the caller's to check. Each record is handed to it in one piece.
    explicit ldif_writer(std::ostream& out) : out_(out) {}

    void write(const entry& e);
    /// Throws invalid_value as well when its name is none.
    void write(const entry_view& e);
    /// Nothing when there are no changes.
    void write_modify(const dn& name, const std::vector<modification>& changes);
    void write_delete(const dn& name);
    /// "changetype: modrdn"; the new superior stands there only when it is another one. The new name must not be empty.
    void write_rename(const dn& name, const dn& new_name, bool keep_old_value = false);
    /// Any of them. What guards it has no place in LDIF.
    void write(const write_request& request);
    /// A content record as "changetype: add", for files that mix.
    void write_add(const entry& e);
    /// One comment line for each line of the text, through printable().
    void write_comment(std::string_view text);

private:
    void begin(const dn& name);
    void begin(const entry_view& e);
    void append_attributes(const entry_view& e);
    void end();

    std::ostream& out_;
    std::string record_;
};

/// "name: value" or "name:: base64", folded, with its line end. Throws invalid_value when the name is not the name of an attribute.
VMAIL_EXPORT std::string ldif_line(std::string_view name, std::string_view value);

} // namespace vmail::ldap
