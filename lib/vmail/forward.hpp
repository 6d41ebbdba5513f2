#pragma once

#include <vector>

#include <vmail/address.hpp>
#include <vmail/export.hpp>
#include <vmail/ldap/entry.hpp>

namespace vmail {

/// Where a mailbox's mail is sent on to (object class VirtualForward). A kept copy is the mailbox's own address among the targets. Phamm's
/// example map "accounts" for Postfix does not deliver to it, as it asks for forwardActive=FALSE: a site that wants kept copies drops that condition.
struct VMAIL_EXPORT forward {
    bool active = false;             ///< forwardActive, always written: a filter (forwardActive=FALSE) does not match where it is absent
    std::vector<maildrop> targets{}; ///< kept while inactive

    bool keeps_copy(const address& own) const;
    /// Adds the own address to the targets, or takes it out.
    void set_keep_copy(const address& own, bool keep);
    /// The targets without the own address.
    std::vector<maildrop> elsewhere(const address& own) const;

    bool operator==(const forward&) const = default;
};

} // namespace vmail
