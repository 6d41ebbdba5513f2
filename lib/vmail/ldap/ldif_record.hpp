#pragma once

#include <cstddef>
#include <optional>
#include <variant>
#include <vector>

#include <vmail/export.hpp>
#include <vmail/ldap/dn.hpp>
#include <vmail/ldap/entry.hpp>

namespace vmail::ldap {

/// Another entry.
struct ldif_add {
    ldap::entry entry; ///< a content record, or changetype: add
};
/// changetype: modify.
struct ldif_modify {
    ldap::dn dn;
    std::vector<modification> changes; ///< at least one
};
/// changetype: delete.
struct ldif_delete {
    ldap::dn dn;
};
/// changetype: modrdn or moddn. Without a new superior the entry stays below the same one.
struct ldif_rename {
    ldap::dn dn;
    ldap::dn::rdn new_rdn;
    bool delete_old_rdn = true;
    std::optional<ldap::dn> new_superior{};
};

/// One record of an LDIF file (RFC 2849).
struct VMAIL_EXPORT ldif_record {
    std::variant<ldif_add, ldif_modify, ldif_delete, ldif_rename> what;
    std::size_t first_line = 0; ///< physical lines, counted from 1
    std::size_t last_line = 0;
    const ldap::dn& dn() const;
};

} // namespace vmail::ldap
