#include <algorithm>

#include <fmt/format.h>

#include <vmail/address.hpp>
#include <vmail/alias.hpp>
#include <vmail/ascii.hpp>
#include <vmail/domain.hpp>
#include <vmail/error.hpp>
#include <vmail/mailbox.hpp>
#include <vmail/password.hpp>
#include <vmail/schema.hpp>

#include "aliases.hpp"
#include "entries.hpp"
#include "fields.hpp"
#include "fold.hpp"
#include "gecos.hpp"

namespace vmail::nis {

namespace {

namespace attr = schema::attr;

using strings = std::vector<std::string>;

void set_unless_empty(ldap::entry& e, std::string_view attribute, std::string value) {
    if (!value.empty()) e.set(attribute, std::move(value));
}

/// For gecos, which is IA5String and holds no control characters in any reader's eyes.
std::string gecos_text(std::string_view gecos) {
    std::string text(gecos);
    std::replace_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7F'; }, ' ');
    return fold_text(trim(text));
}

void add_details(ldap::entry& e, const person& p) {
    set_unless_empty(e, "roomNumber", p.room);
    set_unless_empty(e, "telephoneNumber", p.phone);
    set_unless_empty(e, "homePhone", p.home_phone);
}

/// RFC 2307
void add_posix_account(ldap::entry& e, const account& a) {
    e.add_class("posixAccount");
    e.set(attr::uid, std::string(a.login));
    e.set("uidNumber", std::to_string(a.uid));
    e.set("gidNumber", std::to_string(a.gid));
    e.set("homeDirectory", std::string(a.home));
    set_unless_empty(e, "loginShell", std::string(a.shell));
    set_unless_empty(e, "gecos", gecos_text(a.gecos));
}

void add_shadow_account(ldap::entry& e, const shadow_record& shadow) {
    e.add_class("shadowAccount");
    for (std::size_t i = 0; i < shadow_attributes.size(); ++i)
        if (shadow.ages[i] != no_age) e.set(shadow_attributes[i], std::to_string(shadow.ages[i]));
}

std::vector<maildrop> to_maildrops(const strings& targets) {
    std::vector<maildrop> drops;
    for (const std::string& t : targets) drops.push_back(maildrop::from_attribute(t));
    return drops;
}

ldap::entry with_class(const ldap::dn& name, strings classes) {
    ldap::entry e(name);
    e.set(attr::object_class, std::move(classes));
    for (const ldap::attribute_value& part : name.rdns().front()) e.set(part.type, part.value);
    return e;
}

ldap::entry top_entry(const ldap::dn& base) {
    const std::string type = ascii::to_lower(base.rdns().front().front().type);
    if (type == "dc") return with_class(base, {"top", "domain"});
    if (type == "o") return with_class(base, {"top", "organization"});
    if (type == "ou") return with_class(base, {"top", "organizationalUnit"});
    throw error(error_kind::usage, fmt::format("cannot make an entry for {}: its name begins with none of dc, o, ou", base.text()),
                {.hint = "leave out --with-base and make it yourself"});
}

} // namespace

std::string entry_maker::address_text(std::string_view local_part) const {
    return fmt::format("{}@{}", quoted_local_part(local_part), options_.domain.text());
}

std::vector<ldap::entry> entry_maker::base() const {
    const layout& where = options_.site.layout;
    if (where.base().empty()) return {with_class(where.container(), {"top", "organization"})};
    return {top_entry(where.base()), with_class(where.container(), {"top", "organization"})};
}

ldap::entry entry_maker::domain() const {
    vmail::domain d(options_.domain);
    d.created = options_.as_of;
    ldap::entry e;
    d.to_entry(e, options_.site);
    stamp(e);
    return e;
}

ldap::entry entry_maker::folder(std::string_view name) const {
    return with_class(options_.site.layout.container().child("ou", name), {"top", "organizationalUnit"});
}

void entry_maker::stamp(ldap::entry& e) const { e.set(attr::last_change, std::to_string(options_.as_of ? options_.as_of->epoch() : 0)); }

ldap::entry entry_maker::mail_account(const nis::account& a, const strings& forward) const {
    const person p = person::parse(a.gecos, a.login);
    vmail::mailbox m(address::make(a.local_part, options_.domain));
    m.full_name = p.full_name;
    m.surname = p.surname;
    m.quota = options_.quota;
    m.expires = options_.expires;
    m.created = options_.as_of;
    if (a.password.has_value()) m.password = password_hash::from_attribute(a.password.to_attribute());
    m.forward.active = !forward.empty();
    m.forward.targets = to_maildrops(forward);
    ldap::entry e;
    m.to_entry(e, options_.site);
    stamp(e);
    add_details(e, p);
    return e;
}

ldap::entry entry_maker::person_account(const nis::account& a) const {
    const person p = person::parse(a.gecos, a.login);
    const ldap::dn people = options_.site.layout.container().child("ou", people_folder);
    ldap::entry e = with_class(people.child(attr::uid, a.login), {"top", "person", "organizationalPerson", "inetOrgPerson"});
    e.set(attr::cn, p.full_name);
    e.set(attr::sn, p.surname);
    e.set(attr::mail, address_text(a.local_part));
    if (a.password.has_value()) e.set(attr::user_password, a.password.to_attribute());
    add_details(e, p);
    return e;
}

ldap::entry entry_maker::account(const nis::account& a, const shadow_record* shadow, const strings& forward) const {
    ldap::entry e = options_.only == scope::unix_accounts ? person_account(a) : mail_account(a, forward);
    if (options_.only == scope::mail) return e;
    add_posix_account(e, a);
    if (shadow) add_shadow_account(e, *shadow);
    return e;
}

ldap::entry entry_maker::alias(std::string_view local_part, const strings& targets) const {
    vmail::alias a(address::make(quoted_local_part(local_part), options_.domain));
    a.targets = to_maildrops(targets);
    a.created = options_.as_of;
    ldap::entry e;
    a.to_entry(e, options_.site);
    stamp(e);
    return e;
}

ldap::entry entry_maker::group(const nis::group& g) const {
    const ldap::dn groups = options_.site.layout.container().child("ou", groups_folder);
    ldap::entry e = with_class(groups.child(attr::cn, g.name), {"top", "posixGroup"});
    e.set("gidNumber", std::to_string(g.gid));
    if (g.password.has_value()) e.set(attr::user_password, g.password.to_attribute());
    e.set("memberUid", strings(g.members.begin(), g.members.end()));
    return e;
}

} // namespace vmail::nis
