#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/export.hpp>

namespace vmail::ldap {

/// One type and value of an RDN. The value is the bare bytes, without any escaping.
struct attribute_value {
    std::string type;
    std::string value;
    bool operator==(const attribute_value&) const = default;
};

/// A distinguished name (RFC 4514) as a sequence of RDNs, the entry's own first. Escaped in text() and nowhere else.
class VMAIL_EXPORT dn {
public:
    using rdn = std::vector<attribute_value>;

    /// The empty name: the root DSE.
    dn() = default;

    /// Throws invalid_value. Blanks around separators are allowed, as old tools write them; "#hex" values too when they hold a BER string (their content
    /// is the value). Refused, as slapd does: empty values, one attribute type twice in an RDN. Refused as well: more than 64 KiB or 256 RDNs.
    static dn parse(std::string_view text);

    /// The name of an entry below this one. Throws invalid_value when the type is not an attribute type or the value is empty.
    dn child(std::string_view type, std::string_view value) const;
    dn parent() const; ///< the root DSE's parent is itself
    dn renamed_below(const dn& new_parent) const; ///< the same RDN below another entry
    /// The name when its ancestor `from` has become `to`. The name itself when it is not within `from`.
    dn rebased(const dn& from, const dn& to) const;
    dn first_rdn() const; ///< a name of the entry's own RDN alone, as a rename takes it

    const std::vector<rdn>& rdns() const noexcept { return rdns_; }
    bool empty() const noexcept { return rdns_.empty(); }
    std::size_t depth() const noexcept { return rdns_.size(); }

    /// RFC 4514 text in printable ASCII: letters, digits and a few harmless marks stand for themselves, every other byte is "\XX". Safe on a terminal
    /// and in LDIF without base64; parse() gives the same bytes back.
    std::string text() const;

    /// Whether the text is a name as text() writes it, told without taking it apart. False says nothing.
    static bool is_text(std::string_view text) noexcept;

    /// Equal for names that differ only in ASCII case, the order inside a multi-valued RDN, and blanks that are repeated
    /// or at the ends of values: for maps and comparison. Not a name to send.
    std::string key() const;

    /// Whether this is the base or lies below it.
    bool is_within(const dn& base) const;

    friend bool operator==(const dn& a, const dn& b) { return a.key() == b.key(); }

private:
    std::vector<rdn> rdns_;
};

} // namespace vmail::ldap
