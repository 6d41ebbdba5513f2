#include <algorithm>

#include <fmt/format.h>

#include <vmail/address.hpp>
#include <vmail/alias.hpp>
#include <vmail/ascii.hpp>
#include <vmail/domain.hpp>
#include <vmail/error.hpp>
#include <vmail/fold.hpp>
#include <vmail/mailbox.hpp>
#include <vmail/password.hpp>
#include <vmail/schema.hpp>

#include "aliases.hpp"
#include "entries.hpp"
#include "fields.hpp"

namespace vmail::nis {

namespace {

namespace attr = schema::attr;

using strings = std::vector<std::string>;

std::vector<maildrop> to_maildrops(const std::vector<std::string_view>& targets) {
    std::vector<maildrop> drops;
    for (const std::string_view t : targets) drops.push_back(maildrop::from_attribute(t));
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

std::string_view entry_maker::gecos_text(std::string_view gecos, std::string& changed) {
    gecos = trim(gecos);
    if (ascii::all_printable(gecos)) return gecos;
    // IA5String would take control characters, but no reader of it would.
    changed = gecos;
    std::replace_if(
        changed.begin(), changed.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7F'; }, ' ');
    if (!ascii::is_ascii(changed)) changed = fold_text(changed);
    return changed;
}

std::string entry_maker::address_text(std::string_view local_part) const {
    std::string text;
    append_address(text, local_part);
    return text;
}

void entry_maker::append_address(std::string& out, std::string_view local_part) const {
    if (is_dot_atom(local_part)) out += local_part;
    else out += quoted_local_part(local_part);
    out += '@';
    out += options_.domain.text();
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

void entry_maker::stamp(ldap::entry& e) const {
    e.set(attr::last_change, std::to_string(options_.as_of ? options_.as_of->epoch() : 0));
    // What is made anew gets the present time, with which no two conversions would be the same.
    if (!options_.as_of) e.erase(attr::creation_date);
}

ldap::entry entry_maker::mail_account(const nis::account& a, const person& p, const std::vector<std::string_view>& forward) const {
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
    return e;
}

ldap::entry entry_maker::person_account(const nis::account& a, const person& p) const {
    const ldap::dn people = options_.site.layout.container().child("ou", people_folder);
    ldap::entry e = with_class(people.child(attr::uid, a.login), {"top", "person", "organizationalPerson", "inetOrgPerson"});
    e.set(attr::cn, std::string(p.full_name));
    e.set(attr::sn, std::string(p.surname));
    e.set(attr::mail, address_text(a.local_part));
    if (a.password.has_value()) e.set(attr::user_password, a.password.to_attribute());
    return e;
}

ldap::entry entry_maker::account_frame(const nis::account& a, const person& p, bool has_shadow, const std::vector<std::string_view>& forward) const {
    ldap::entry e = options_.only == scope::unix_accounts ? person_account(a, p) : mail_account(a, p, forward);
    if (options_.only == scope::mail) return e;
    // RFC 2307; a second uid would be a second user to nslcd.
    e.add_class("posixAccount");
    if (has_shadow) e.add_class("shadowAccount");
    e.set(attr::uid, std::string(a.login));
    return e;
}

ldap::entry entry_maker::account(const nis::account& a, const shadow_record* shadow, const std::vector<std::string_view>& forward) const {
    const person p(a.gecos, a.login);
    ldap::entry e = account_frame(a, p, shadow != nullptr, forward);
    details(a, p, shadow, [&e](std::string_view attribute, std::string_view value) { e.set(attribute, std::string(value)); });
    return e;
}

ldap::entry entry_maker::alias(std::string_view local_part, const std::vector<std::string_view>& targets) const {
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

ldap::entry entry_maker::netgroup(const nis::netgroup& g) const {
    const ldap::dn folder = options_.site.layout.container().child("ou", netgroup_folder);
    ldap::entry e = with_class(folder.child(attr::cn, g.name), {"top", "nisNetgroup"});
    if (!g.triples.empty()) e.set("nisNetgroupTriple", g.triples);
    if (!g.members.empty()) e.set("memberNisNetgroup", strings(g.members.begin(), g.members.end()));
    return e;
}

} // namespace vmail::nis
