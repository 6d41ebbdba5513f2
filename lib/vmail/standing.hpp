#pragma once

#include <string>
#include <vector>

#include <vmail/directory.hpp>
#include <vmail/domain_name.hpp>
#include <vmail/export.hpp>

namespace vmail {

/// Who we are in the tree that we work on, by what schema/acl.conf makes of a name.
struct standing {
    enum class kind {
        service,       ///< the tools' identity, or anybody else who is not in the tree as one of those
        administrator, ///< a virtual admin or a postmaster, who runs `domains`
        owner,         ///< of a mailbox, which is in the one of `domains`
    };
    standing::kind kind = kind::service;
    std::string name{}; ///< "ann@example.org", "postmaster@example.org", "matrix"
    std::vector<domain_name> domains{};
    bool edit_accounts = false; ///< of an administrator: runs mailboxes as well as aliases

    bool runs(const domain_name& d) const noexcept;
};

/// By the session's identity; of an administrator the own entry is read. What cannot be read is a service.
VMAIL_EXPORT standing standing_of(ldap::session& s, const site& where);

/// Throws denied where the container of all domains is hidden from us, or is not there, which nobody can tell apart: what is not found then may be there all the same.
VMAIL_EXPORT void require_sight(ldap::session& s, const site& where);

/// "a.org and b.org".
VMAIL_EXPORT std::string list_of(const std::vector<domain_name>& domains);

} // namespace vmail
