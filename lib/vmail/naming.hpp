#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/printable.hpp>

#include <vmail/address.hpp>
#include <vmail/schema.hpp>

/// Which address or domain an entry is, by its name in the tree. Internal to the entities.
namespace vmail::naming {

inline std::optional<std::string> rdn_value(const ldap::dn& name, std::string_view type) {
    if (name.empty()) return std::nullopt;
    for (const ldap::attribute_value& part : name.rdns().front())
        if (ascii::iequals(part.type, type)) return part.value;
    return std::nullopt;
}

inline std::optional<std::string> rdn_value(const ldap::entry& e, std::string_view type) { return rdn_value(e.dn(), type); }

/// The text of the address: the RDN mail=ADDRESS, or postmaster of the domain above cn=postmaster, or else the first value of mail.
inline std::string address_text(const ldap::entry& e) {
    if (const auto mail = rdn_value(e, schema::attr::mail)) return *mail;
    const auto cn = rdn_value(e, schema::attr::cn);
    const auto domain = rdn_value(e.dn().parent(), schema::attr::vd);
    if (cn && domain && ascii::iequals(*cn, schema::postmaster)) return std::string(schema::postmaster) + '@' + *domain;
    if (const auto mail = e.first(schema::attr::mail)) return *mail;
    throw invalid_value("the entry has no address", {.dn = e.dn().text()});
}

/// What people call an entry of this name: its domain or address, or the name itself where there is neither.
inline std::string subject_of(const ldap::dn& name) {
    if (const auto domain = rdn_value(name, schema::attr::vd)) return *domain;
    try {
        return address_text(ldap::entry(name));
    } catch (const invalid_value&) {
        return name.text();
    }
}

/// The same of an entry.
inline std::string subject_of(const ldap::entry& e) {
    try {
        return address_text(e);
    } catch (const invalid_value&) {
        return subject_of(e.dn());
    }
}

/// The address as the entry's name spells it, when it is the entry's.
template <typename Address> std::string spelling(const ldap::entry& e, const Address& a) {
    const auto mail = rdn_value(e, schema::attr::mail);
    return mail && Address::parse(*mail) == a ? *mail : a.text();
}

/// What a person may log in with beside the address: "bob.example.org", which needs no "@", or "bob-2.example.org" as the second of that name.
inline std::string login_of(const address& a, int n = 1) {
    return a.local_part() + (n == 1 ? "" : '-' + std::to_string(n)) + '.' + a.domain().text();
}

/// What matches mailboxes and aliases: the entries that mail can come to.
inline ldap::filter mailbox_or_alias() {
    return ldap::filter::any_of({ldap::filter::equal(schema::attr::object_class, schema::cls::account), ldap::filter::equal(schema::attr::object_class, schema::cls::alias)});
}

/// Where the vacation daemon gets mail for the address.
inline std::string autoreply_of(const address& a) { return a.text() + ".autoreply"; }

/// Whether the entry has the value, as those attributes compare that name entries: without regard to ASCII case.
inline bool holds(const ldap::entry& e, std::string_view attribute, std::string_view value) {
    const auto* const values = e.find(attribute);
    return values != nullptr && std::any_of(values->begin(), values->end(), [&](const std::string& v) { return ascii::iequals(v, value); });
}

/// The values of an entry's name are among its attributes (X.501).
inline void settle(ldap::entry& e) {
    for (const ldap::attribute_value& part : e.dn().rdns().front())
        if (!holds(e, part.type, part.value)) e.add_value(part.type, part.value);
}

/// Throws unless the entity is still called as the entry is: an entry gets another name by a rename alone, which leads over what points to it.
template <typename Name> void expect_name(const Name& wanted, const Name& present, const ldap::entry& e) {
    if (!(wanted == present))
        throw invalid_value("the entry of " + present.text() + " cannot become that of " + wanted.text() + " by an update: that is a rename", {.dn = e.dn().text()});
}

/// Throws unless the entry is of the class, as `kind`.
inline void expect_class(const ldap::entry& e, std::string_view name, std::string_view kind) {
    if (!e.has_class(name))
        throw invalid_value(vmail::quoted(e.dn().text()) + " is not a " + std::string(kind), {.dn = e.dn().text()});
}

} // namespace vmail::naming
