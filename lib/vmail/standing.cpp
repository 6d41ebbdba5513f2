#include <algorithm>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/admin.hpp>
#include <vmail/enumerated.hpp>
#include <vmail/naming.hpp>
#include <vmail/schema.hpp>
#include <vmail/standing.hpp>

namespace vmail {

namespace {

standing of_administrator(const admin& a) {
    return {.kind = standing::kind::administrator, .name = a.name.text(), .domains = a.domains, .edit_accounts = a.edit_accounts};
}

standing of_name(ldap::session& s, const site& where, const ldap::dn& name) {
    if (name.rdns().size() < 2) return {};
    const ldap::dn parent = name.parent();
    const auto mail = naming::rdn_value(name, schema::attr::mail), domain = naming::rdn_value(parent, schema::attr::vd);
    const bool in_domain = domain && parent.parent() == where.layout.container();
    if (in_domain && mail) return {.kind = standing::kind::owner, .name = *mail, .domains = {domain_name::parse(*domain)}};
    if (!in_domain && parent != where.layout.admins()) return {};
    const auto e = s.find(name, ldap::whole_entry());
    return e && admin::is(*e) ? of_administrator(admin::from_entry(*e, where)) : standing{};
}

} // namespace

bool standing::runs(const domain_name& d) const noexcept { return std::find(domains.begin(), domains.end(), d) != domains.end(); }

standing standing_of(ldap::session& s, const site& where) {
    if (s.identity().empty()) return {};
    try {
        return of_name(s, where, ldap::dn::parse(author_of(s.identity())));
    } catch (const error& e) {
        if (!e.session_usable()) throw;
        return {};
    }
}

void require_sight(ldap::session& s, const site& where) {
    const ldap::dn& container = where.layout.container();
    try {
        s.search({container, ldap::scope::base, ldap::filter::present(schema::attr::object_class), ldap::no_attributes()});
    } catch (const not_found&) {
        throw denied(fmt::format("{} may not see {}, or it is not there: nothing can be said of what is in it", s.identity().empty() ? "anonymous" : printable(s.identity()), printable(container.text())),
                     {.dn = container.text()});
    }
}

std::string list_of(const std::vector<domain_name>& domains) {
    std::vector<std::string> names;
    for (const domain_name& d : domains) names.push_back(d.text());
    return names.empty() ? "no domain" : enumerated(names);
}

} // namespace vmail
