#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <vmail/address.hpp>
#include <vmail/admin.hpp>
#include <vmail/alias.hpp>
#include <vmail/backup.hpp>
#include <vmail/domain.hpp>
#include <vmail/domain_name.hpp>
#include <vmail/layout.hpp>
#include <vmail/ldap/dn.hpp>
#include <vmail/mailbox.hpp>
#include <vmail/mailing_list.hpp>
#include <vmail/schema.hpp>

namespace vmail {

/// What the directory has to know of a kind of entity: its name, its class, and where it lives. Another kind is another specialisation.
template <typename Entity> struct entity_traits;

/// `vd=DOMAIN` in the container.
template <> struct entity_traits<domain> {
    using name_type = domain_name;
    static constexpr std::string_view noun = "domain";
    static constexpr std::string_view object_class = schema::cls::domain;
    static const domain_name& name(const domain& d) noexcept { return d.name; }
    static ldap::dn place(const layout& where, const domain_name& n) { return where.domain(n); }
};

/// `mail=ADDRESS` in its domain.
template <> struct entity_traits<mailbox> {
    using name_type = address;
    static constexpr std::string_view noun = "mailbox";
    static constexpr std::string_view object_class = schema::cls::account;
    static const address& name(const mailbox& m) noexcept { return m.address; }
    static ldap::dn place(const layout& where, const address& a) { return where.mailbox(a); }
};

/// `mail=ADDRESS` in its domain, but for `cn=postmaster`.
template <> struct entity_traits<alias> {
    using name_type = alias_address;
    static constexpr std::string_view noun = "alias";
    static constexpr std::string_view object_class = schema::cls::alias;
    static const alias_address& name(const alias& a) noexcept { return a.address; }
    static ldap::dn place(const layout& where, const alias_address& a) { return where.alias(a); }
};

/// In the same place as a domain: a name is that of one or of the other.
template <> struct entity_traits<backup_domain> {
    using name_type = domain_name;
    static constexpr std::string_view noun = "backup domain";
    static constexpr std::string_view object_class = schema::cls::backup_domain;
    static const domain_name& name(const backup_domain& d) noexcept { return d.name; }
    static ldap::dn place(const layout& where, const domain_name& n) { return where.domain(n); }
};

/// `mail=ADDRESS` in its backup domain.
template <> struct entity_traits<backup_mail> {
    using name_type = alias_address;
    static constexpr std::string_view noun = "address of a backup domain";
    static constexpr std::string_view object_class = schema::cls::backup_mail;
    static const alias_address& name(const backup_mail& m) noexcept { return m.address; }
    static ldap::dn place(const layout& where, const alias_address& a) { return where.backup_mail(a); }
};

/// It is several entries, of which the one of the public address has its name.
template <> struct entity_traits<mailing_list> {
    using name_type = address;
    static constexpr std::string_view noun = "mailing list";
    static constexpr std::string_view object_class = schema::cls::alias;
    static const address& name(const mailing_list& l) noexcept { return l.address; }
    static ldap::dn place(const layout& where, const address& a) { return where.alias(a); }
};

/// In two places: a virtual admin below ou=admin, a postmaster in his domain.
template <> struct entity_traits<admin> {
    using name_type = admin_name;
    static constexpr std::string_view noun = "admin";
    static constexpr std::string_view object_class = schema::cls::admin;
    static const admin_name& name(const admin& a) noexcept { return a.name; }
    static ldap::dn place(const layout& where, const admin_name& n) {
        return n.postmaster_of() ? where.alias(address::make(schema::postmaster, *n.postmaster_of())) : where.admin(n.text());
    }
};

/// Whether the entry is one of them.
template <typename Entity> bool is_a(const ldap::entry& e) { return e.has_class(entity_traits<Entity>::object_class); }
/// A postmaster is one, too, although his entry is of another class.
template <> inline bool is_a<admin>(const ldap::entry& e) { return admin::is(e); }

/// By what a kind of entity is found: domain_name, address, alias_address, admin_name.
template <typename Entity> using name_of = typename entity_traits<Entity>::name_type;

/// "bob@example.org", "example.org".
template <typename Entity> std::string text_of(const Entity& e) { return entity_traits<Entity>::name(e).text(); }

} // namespace vmail
