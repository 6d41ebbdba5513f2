#include <algorithm>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/domain_way.hpp>
#include <vmail/draft_state.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/naming.hpp>

namespace vmail {

namespace attr = schema::attr;
namespace cls = schema::cls;
using ldap::filter;

namespace {

constexpr const char* finish_first = "finish that first: the same rename, given again, does";

ldap::complete_entries domains_with(const draft::state& s, const filter& names) {
    const auto is_domain = filter::any_of({filter::equal(attr::object_class, cls::domain), filter::equal(attr::object_class, cls::backup_domain)});
    return s.session().search({s.layout().container(), ldap::scope::subtree, filter::all_of({is_domain, names}), {std::string(attr::vd)}});
}

/// The entries of the domain of that name: the one that is called so, and one that is on its way from it to another name.
ldap::complete_entries bearers_of(const draft::state& s, const domain_name& name) { return domains_with(s, filter::equal(attr::vd, name.text())); }

/// What finishes it.
error_details under_way(const std::string& from, const std::string& to, const ldap::dn& domain) {
    return {.dn = domain.text(), .remedy = remedy::finish_domain_rename, .subject = printable(from) + ' ' + printable(to)};
}

/// A value that is no address is nobody's.
std::optional<alias_address> as_address(const std::string& value) {
    try {
        return alias_address::parse(value);
    } catch (const invalid_value&) {
        return std::nullopt;
    }
}

} // namespace

void draft::state::require_settled(const ldap::entry& domain, const std::vector<domain_name>& own_names) const {
    const auto name = naming::rdn_value(domain, attr::vd);
    const auto* const names = domain.find(attr::vd);
    if (!name || names == nullptr) return;
    const auto is_own = [&](const std::string& n) {
        return ascii::iequals(n, *name) || std::any_of(own_names.begin(), own_names.end(), [&](const domain_name& o) { return ascii::iequals(o.text(), n); });
    };
    for (const std::string& n : *names) // once it has its new name, that tells more than where it was to go
        if (!domain_way::goal_of(n) && !is_own(n)) throw conflict(fmt::format("{} is being renamed from {}", printable(*name), printable(n)), under_way(n, *name, domain.dn()));
    for (const std::string& n : *names)
        if (const auto to = domain_way::goal_of(n); to && !is_own(*to))
            throw conflict(fmt::format("{} is being renamed to {}", printable(*name), printable(*to)), under_way(*name, *to, domain.dn()));
}

void draft::state::require_settled_around(const ldap::entry& e) {
    const ldap::dn above = e.dn().parent();
    if (!naming::rdn_value(above, attr::vd)) return;
    if (const auto domain = session().find(above, ldap::whole_entry())) require_settled(*domain);
}

void draft::state::require_unborne(const domain_name& name, const ldap::dn& but) const {
    // Whoever may not see o=hosting is told so by what he writes there.
    if (!session().find(layout().container(), ldap::no_attributes())) return;
    for (const ldap::entry& e : domains_with(*this, filter::any_of({filter::equal(attr::vd, name.text()), filter::equal(attr::vd, domain_way::mark_of(name))}))) {
        if (e.dn() == but || e.dn() == layout().domain(name)) continue;
        const std::string own = naming::subject_of(e.dn());
        const auto [from, to] = naming::holds(e, attr::vd, name.text()) ? std::pair(name.text(), own) : std::pair(own, name.text());
        throw conflict(fmt::format("{} is being renamed to {}", printable(from), printable(to)), under_way(from, to, e.dn()));
    }
}

std::optional<alias_address> draft::state::given_ahead(const alias_address& a) {
    const auto domain = find<vmail::domain>(a.domain());
    const auto* const names = domain ? domain->source.find(attr::vd) : nullptr;
    for (const std::string& n : names != nullptr ? *names : std::vector<std::string>{})
        if (const auto to = domain_way::goal_of(n)) return a.is_catch_all() ? alias_address::catch_all(domain_name::parse(*to)) : alias_address(address::make(a.local_part(), domain_name::parse(*to)));
    return std::nullopt;
}

bool draft::state::is_here(const domain_name& name) { return state_of(name) || !bearers_of(*this, name).empty(); }

void draft::state::require_one_address(const ldap::entry& e, const std::function<bool(const alias_address&)>& is_own) {
    const auto* const values = e.find(attr::mail);
    if (values == nullptr || values->size() < 2) return;
    const auto name = as_address(naming::address_text(e));
    const bool has_own_name = name && is_own(*name);
    for (const std::string& v : *values) {
        const auto other = as_address(v);
        if (!name || !other || *other == *name || !is_here(other->domain())) continue;
        // What has one of these addresses, and is named by none of them, is on its way to somewhere else.
        if (is_own(*other) && (has_own_name || !is_here(name->domain()))) continue;
        throw conflict(fmt::format("{} is being renamed to {}, or is another address of it", printable(v), printable(name->text())), {.dn = e.dn().text(), .hint = finish_first});
    }
}

} // namespace vmail
