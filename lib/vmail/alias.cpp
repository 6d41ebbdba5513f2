#include <algorithm>

#include <fmt/format.h>

#include <vmail/ascii.hpp>

#include <vmail/alias.hpp>
#include <vmail/field.hpp>
#include <vmail/naming.hpp>
#include <vmail/schema.hpp>

namespace vmail {

namespace {

using namespace schema;

std::string name_of(const alias& a) {
    if (!a.full_name.empty()) return a.full_name;
    return a.address.is_catch_all() ? "catch-all" : a.address.local_part();
}

codec::values default_name(const alias& a, const site&) { return codec::of(name_of(a)); }

/// Of all aliases only postmaster administers the domain; editAccounts on another would offer it the same pages.
codec::values administrator_mark(const alias& a, const site&) {
    return ascii::iequals(a.address.local_part(), postmaster) ? codec::of("TRUE") : codec::values{};
}

const fields::table<alias>& rows() {
    using row = fields::row<alias>;
    static const fields::table<alias> table = fields::with_state<alias>({
        row::of<codec::own_address<alias_address>, &alias::address>(attr::mail),
        row::of<codec::common_name, &alias::full_name>(attr::cn, default_name),
        row::once(attr::sn, default_name),
        row::of<codec::line, &alias::description>(attr::description),
        row::of<codec::targets, &alias::targets>(attr::maildrop),
        row::of<codec::hash, &alias::password>(attr::user_password),
        row::of<codec::expire_date, &alias::expires>(attr::expire_date),
        row::of<codec::mailbox_expiration, &alias::expires>(attr::mailbox_expiration),
        row::once(attr::edit_accounts, administrator_mark),
        row::of<codec::list_owners, &alias::list_owners>(attr::list_owner),
    });
    return table;
}

void check_targets(const alias& a, const ldap::entry& e) {
    if (a.targets.empty())
        throw invalid_value(fmt::format("{}: the alias {} has no target", attr::maildrop, a.address.text()), {.dn = e.dn().text()});
}

/// The class goes with what it is for, so that a list without owners is the same on a server that does not know it.
void settle_list_class(ldap::entry& e) {
    if (e.has(attr::list_owner)) e.add_class(cls::mailing_list);
    else e.remove_class(cls::mailing_list);
}

void write_new(const alias& a, ldap::entry& e, const site& s) {
    check_targets(a, e);
    e.set_dn(s.layout.alias(a.address));
    e.set(attr::object_class, {std::string(cls::top), std::string(cls::person), std::string(cls::organizational_person),
                               std::string(cls::inet_org_person), std::string(cls::alias)});
    fields::write_new(a, rows(), e, s);
    fields::write_others(a, rows(), e);
    fields::settle_state_class(e);
    settle_list_class(e);
    naming::settle(e);
}

void write_changes(const alias& a, ldap::entry& e, const site& s) {
    const alias before = alias::from_entry(e, s);
    naming::expect_name(a.address, before.address, e);
    if (a.targets != before.targets) check_targets(a, e);
    const auto written = fields::write_changes(a, before, rows(), e, s);
    if (!fields::write_others(a, rows(), e) && written.empty()) return;
    if (fields::any_of_state(written)) fields::settle_state_class(e);
    if (std::find(written.begin(), written.end(), attr::list_owner) != written.end()) settle_list_class(e);
    naming::settle(e);
}

/// VirtualMailAlias has no attribute "delete".
void check_removed(const alias& a) {
    if (a.removed) throw invalid_value(fmt::format("the alias {} cannot be marked as removed: {} is for mailboxes and domains", a.address.text(), attr::delete_));
}

} // namespace

alias alias::from_entry(const ldap::entry& e, const site& s) {
    naming::expect_class(e, cls::alias, "alias");
    alias a(alias_address::parse(naming::address_text(e)));
    a.active = false; // what a daemon's filter makes of no value or a wrong one
    fields::read(a, rows(), e, s);
    fields::expect(a, attr::account_active, e);
    return a;
}

void alias::to_entry(ldap::entry& e, const site& s) const {
    check_removed(*this);
    fields::to_entry(*this, e, s, write_new, write_changes);
}

} // namespace vmail
