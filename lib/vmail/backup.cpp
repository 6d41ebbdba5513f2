#include <fmt/format.h>

#include <vmail/error.hpp>

#include <vmail/backup.hpp>
#include <vmail/field.hpp>
#include <vmail/naming.hpp>
#include <vmail/schema.hpp>

namespace vmail {

namespace {

using namespace schema;

/// Neither class has creationDate.
template <typename Entity> fields::table<Entity> with_state_but_creation(std::initializer_list<fields::row<Entity>> own) {
    auto rows = fields::with_state<Entity>(own);
    std::erase_if(rows, [](const auto& r) { return r.attribute == attr::creation_date; });
    return rows;
}

const fields::table<backup_domain>& rows(const backup_domain&) {
    using row = fields::row<backup_domain>;
    static const auto table = with_state_but_creation<backup_domain>({
        row::of<codec::line, &backup_domain::description>(attr::description),
        row::of<codec::flag, &backup_domain::removed>(attr::delete_),
    });
    return table;
}

const fields::table<backup_mail>& rows(const backup_mail&) {
    using row = fields::row<backup_mail>;
    static const auto table = with_state_but_creation<backup_mail>({
        row::of<codec::own_address<alias_address>, &backup_mail::address>(attr::mail),
        row::of<codec::line, &backup_mail::description>(attr::description),
    });
    return table;
}

void name_new(const backup_domain& d, ldap::entry& e, const site& s) {
    e.set_dn(s.layout.domain(d.name));
    e.set(attr::object_class, {std::string(cls::top), std::string(cls::backup_domain)});
}

void name_new(const backup_mail& m, ldap::entry& e, const site& s) {
    e.set_dn(s.layout.backup_mail(m.address));
    e.set(attr::object_class, {std::string(cls::top), std::string(cls::backup_mail)});
}

const domain_name& name_of(const backup_domain& d) { return d.name; }
const alias_address& name_of(const backup_mail& m) { return m.address; }

template <typename Entity> void write_new(const Entity& from, ldap::entry& e, const site& s) {
    name_new(from, e, s);
    naming::settle(e);
    fields::write_new(from, rows(from), e, s);
    fields::write_others(from, rows(from), e);
    fields::settle_state_class(e);
}

template <typename Entity> void write_changes(const Entity& from, ldap::entry& e, const site& s) {
    const Entity before = Entity::from_entry(e, s);
    naming::expect_name(name_of(from), name_of(before), e);
    fields::write_others(from, rows(from), e);
    if (fields::any_of_state(fields::write_changes(from, before, rows(from), e, s))) fields::settle_state_class(e);
}

} // namespace

backup_domain backup_domain::from_entry(const ldap::entry& e, const site& s) {
    naming::expect_class(e, cls::backup_domain, "backup domain");
    backup_domain d(domain_name::parse(naming::rdn_value(e, attr::vd).value_or(e.first(attr::vd).value_or(""))));
    d.active = false; // what a daemon's filter makes of no value or a wrong one
    fields::read(d, rows(d), e, s);
    for (const auto attribute : {attr::account_active, attr::delete_}) fields::expect(d, attribute, e);
    return d;
}

void backup_domain::to_entry(ldap::entry& e, const site& s) const {
    fields::to_entry(*this, e, s, write_new<backup_domain>, write_changes<backup_domain>);
}

backup_mail backup_mail::from_entry(const ldap::entry& e, const site& s) {
    naming::expect_class(e, cls::backup_mail, "address of a backup domain");
    backup_mail m(alias_address::parse(naming::address_text(e)));
    m.active = false;
    fields::read(m, rows(m), e, s);
    fields::expect(m, attr::account_active, e);
    return m;
}

void backup_mail::to_entry(ldap::entry& e, const site& s) const {
    if (removed) throw invalid_value(fmt::format("the address {} cannot be marked as removed: {} is for domains and mailboxes", address.text(), attr::delete_));
    fields::to_entry(*this, e, s, write_new<backup_mail>, write_changes<backup_mail>);
}

} // namespace vmail
