#include <algorithm>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/draft_state.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/naming.hpp>

namespace vmail {

namespace attr = schema::attr;
namespace cls = schema::cls;

namespace {

/// The key under which a plan remembers that it makes ou=admin.
constexpr std::string_view container_key = "ou=admin";

bool has(const std::vector<domain_name>& all, const domain_name& d) { return std::find(all.begin(), all.end(), d) != all.end(); }

/// Two who agree at the same moment each make it, and the second is told that it is there.
void add_container(draft::state& s, draft::state::item& one) {
    const ldap::dn place = s.layout().admins();
    if (s.is_planned(container_key) || s.session().find(place, ldap::no_attributes())) return;
    ldap::entry unit(place);
    unit.set(attr::object_class, {std::string(cls::top), std::string(cls::organizational_unit)});
    unit.set("ou", std::string("admin"));
    one.add_part(place.text(), "created", 0).requests = {ldap::add_request{unit}};
    s.will_be(container_key, std::move(unit));
}

void note_empty(draft::state& s, const admin& a) {
    if (a.domains.empty()) s.made.notices.push_back({a.name.text(), fmt::format("{} administers no domain yet", printable(a.name.text()))});
}

void plan_new(draft::state& s, const admin& a) {
    const std::string& name = a.name.text();
    if (name.find('@') != std::string::npos)
        throw invalid_value(fmt::format("{} is no name for an administrator: a virtual one has a name without @, and that of a domain is postmaster@DOMAIN", vmail::quoted(name)));
    if (const auto there = s.find<admin>(a.name)) throw already_exists(fmt::format("the administrator {} exists already", printable(name)), {.dn = there->source.dn().text()});
    s.require_fit(a, admin(a.name));
    note_empty(s, a);
    ldap::entry fresh;
    a.to_entry(fresh, s.site());
    draft::state::item one(s);
    add_container(s, one);
    auto& c = one.add(name, "created");
    c.stage = 1;
    c.requests = {ldap::add_request{fresh}};
    c.drastic = false;
    one.commit();
    s.will_be(name, std::move(fresh));
}

} // namespace

void draft::state::require_fit(const admin& a, const admin& before) {
    const std::string name = printable(a.name.text());
    if (a.is_postmaster()) {
        if (a.active == before.active) return;
        throw invalid_value(fmt::format("{} cannot be stopped or started as an administrator alone: the entry is the alias as well, and mail to it would be", name),
                            {.hint = "take its rights away, or disable the alias"});
    }
    for (const domain_name& d : a.domains)
        if (!has(before.domains, d) && !require_domain(d).domain->active)
            made.notices.push_back({a.name.text(), fmt::format("the domain {} is disabled", d.text())});
    const bool grows = a.domains.size() > before.domains.size() || a.max_domains != before.max_domains;
    if (grows && a.max_domains && a.domains.size() > *a.max_domains)
        throw limit_exceeded(fmt::format("{} would administer {} {}, and may have {}", name, a.domains.size(), a.domains.size() == 1 ? "domain" : "domains", *a.max_domains),
                             {.dn = layout().admin(a.name.text()).text()});
}

std::vector<ldap::entry>& draft::state::administrators() {
    if (virtual_admins) return *virtual_admins;
    virtual_admins.emplace();
    if (session().find(layout().admins(), ldap::no_attributes()))
        virtual_admins = session().search({layout().admins(), ldap::scope::subtree, ldap::filter::equal(attr::object_class, cls::admin), ldap::whole_entry()}).take();
    return *virtual_admins;
}

namespace {

std::string called(const ldap::entry& virtual_admin) { return naming::rdn_value(virtual_admin, attr::cn).value_or(virtual_admin.dn().text()); }

} // namespace

void draft::state::change_administrator(item& one, ldap::entry& e, ldap::entry after, std::size_t stage) {
    auto request = request_for(e, after);
    if (!request) return;
    one.add_part(called(e), "led over", stage).requests = {std::move(*request)};
    e = std::move(after);
}

void draft::state::lead_over_administrators(item& one, const readdressing& address, std::size_t stage) {
    for (ldap::entry& e : administrators()) change_administrator(one, e, address.lead_over_contact(e), stage);
}

void draft::state::note_administrators(const domain_name& gone) {
    for (const ldap::entry& e : administrators())
        if (naming::holds(e, attr::vd, gone.text())) {
            const std::string name = called(e);
            made.notices.push_back({name, fmt::format("{} stays an administrator of {}, also when somebody makes it anew", printable(name), gone.text())});
        }
}

void draft::state::note_administrators(const address& gone) {
    for (const ldap::entry& e : administrators())
        if (naming::holds(e, attr::mail, gone.text())) made.notices.push_back({gone.text(), fmt::format("the administrator {} is still written to at {}", printable(called(e)), printable(gone.text()))});
}

void draft::add(const admin& a) {
    auto& s = *state_;
    if (!a.is_postmaster()) return plan_new(s, a);
    s.require_domain(*a.name.postmaster_of());
    stored<admin> present = s.get<admin>(a.name);
    if (present->password) throw already_exists(fmt::format("{} is an administrator already", a.name.text()), {.dn = present.source.dn().text()});
    present->password = a.password;
    present->edit_accounts = a.edit_accounts;
    update(present, "created");
}

void draft::remove(const stored<admin>& a) {
    auto& s = *state_;
    ldap::entry after = a.source;
    admin::take_rights(after);
    state::item one(s);
    auto& c = one.add(a->name.text(), "removed");
    if (!a->is_postmaster()) c.requests = {ldap::delete_request{a.source.dn(), s.guard_of(a.source)}};
    else if (auto request = s.request_for(a.source, after)) c.requests.push_back(std::move(*request));
    one.commit();
    s.will_be(a->name.text(), a->is_postmaster() ? std::optional(std::move(after)) : std::nullopt);
}

} // namespace vmail
