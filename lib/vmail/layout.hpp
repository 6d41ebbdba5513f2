#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <vmail/address.hpp>
#include <vmail/domain_name.hpp>
#include <vmail/export.hpp>
#include <vmail/facet.hpp>
#include <vmail/ldap/dn.hpp>
#include <vmail/quota.hpp>
#include <vmail/role_addresses.hpp>
#include <vmail/timestamp.hpp>
#include <vmail/unix_account.hpp>

namespace vmail {

/// Where entries live: the tree that Phamm makes.
///
///     o=hosting,BASE
///       vd=DOMAIN
///         cn=postmaster            the alias postmaster@DOMAIN and the domain's administrator
///         mail=USER@DOMAIN         a mailbox or an alias: one address, one entry, its RDN
///         mail=@DOMAIN             the catch-all
///     ou=admin,BASE
///       cn=NAME                    a virtual admin
class VMAIL_EXPORT layout {
public:
    /// A base whose own RDN is o=hosting is that container itself; any other is the BASE above it.
    explicit layout(const ldap::dn& base);

    const ldap::dn& base() const noexcept { return base_; }           ///< BASE
    const ldap::dn& container() const noexcept { return container_; } ///< o=hosting,BASE

    ldap::dn domain(const domain_name& name) const;
    ldap::dn mailbox(const vmail::address& a) const;
    ldap::dn alias(const alias_address& a) const;
    ldap::dn backup_mail(const alias_address& a) const; ///< of a backup domain, which lies where a domain does
    ldap::dn admins() const; ///< ou=admin,BASE
    ldap::dn admin(std::string_view name) const;

private:
    ldap::dn base_;
    ldap::dn container_;
};

/// Which attribute holds the end of a mailbox.
enum class expiry_storage {
    expire_date,        ///< Phamm's expireDate, the instant in UTC
    mailbox_expiration, ///< mailboxExpiration, days since 1970-01-01
};

/// What a site has decided once for all its entries.
struct site {
    vmail::layout layout;
    std::string mail_home = "/home/vmail/domains"; ///< vdHome of new mailboxes
    vmail::quota_dialect quota_dialect = vmail::quota_dialect::maildir; ///< of new values; one that is there keeps its own
    vmail::expiry_storage expiry_storage = vmail::expiry_storage::expire_date;
    time_zone zone = time_zone::local();
    std::string recipient_delimiter = "+"; ///< what begins an extension of an address for the daemons; empty: nothing does
    vmail::role_addresses role_addresses{}; ///< of every domain
    /// Who gets the mail to the role addresses of new domains. It names a domain, as Postfix completes a bare "postmaster" by its $myorigin: where that
    /// is one of our domains, the mail would come back to where it was sent from.
    maildrop postmaster = maildrop::from_attribute("postmaster@localhost");
    std::string transport{}; ///< of new domains, postfixTransport; empty: none. Phamm writes "maildrop:", and with its transport map a domain without one gets 554
    std::vector<facet> facets{}; ///< what its mailboxes have beside mail
    unix_defaults unix_accounts{}; ///< of mailboxes that get one; it takes facets::posix_account() among the facets
};

/// The directory of a mailbox relative to vdHome, "DOMAIN/USER/", in lower case. Throws invalid_value when the local part cannot be
/// a file name: it holds a slash or a NUL, begins with a dot or a hyphen, or is quoted.
VMAIL_EXPORT std::string maildir_path(const address& a);

} // namespace vmail
