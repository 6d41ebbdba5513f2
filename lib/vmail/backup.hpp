#pragma once

#include <string>

#include <vmail/address.hpp>
#include <vmail/domain_name.hpp>
#include <vmail/export.hpp>
#include <vmail/layout.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/state.hpp>

namespace vmail {

/// A domain that this site takes mail for while its own server is away, and hands on: VirtualBackupDomain. Postfix has it in relay_domains. One name is a
/// domain of ours or a backup domain, never both.
struct VMAIL_EXPORT backup_domain : entry_state {
    explicit backup_domain(domain_name n) : name(std::move(n)) {}

    domain_name name;
    std::string description{};

    /// As mailbox::from_entry() and mailbox::to_entry().
    static backup_domain from_entry(const ldap::entry& e, const site& s);
    void to_entry(ldap::entry& e, const site& s) const;
};

/// An address that is taken in a backup domain, or "@domain" for all of them: VirtualBackupMail. Postfix has it in relay_recipient_maps.
struct VMAIL_EXPORT backup_mail : entry_state {
    explicit backup_mail(alias_address a) : address(std::move(a)) {}

    alias_address address;
    std::string description{};

    /// As mailbox::from_entry() and mailbox::to_entry(). Throws invalid_value for one marked as removed: it has no attribute "delete".
    static backup_mail from_entry(const ldap::entry& e, const site& s);
    void to_entry(ldap::entry& e, const site& s) const;
};

} // namespace vmail
