#include <vmail/error.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/ldap/request.hpp>

#include <vmail/backup.hpp>
#include <vmail/check/domain_table.hpp>
#include <vmail/naming.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace attr = schema::attr;
namespace cls = schema::cls;
using ldap::filter;

domain_table::domain_table(ldap::session& s, const site& where) {
    const auto is_domain = filter::any_of({filter::equal(attr::object_class, cls::domain), filter::equal(attr::object_class, cls::backup_domain)});
    const std::vector<std::string> wanted = {std::string(attr::object_class), std::string(attr::vd),          std::string(attr::account_active),
                                             std::string(attr::delete_),      std::string(attr::disabled_at), std::string(attr::disabled_reason)};
    s.for_each({where.layout.container(), ldap::scope::subtree, is_domain, wanted}, [&](ldap::entry&& e) { add(e, where); });
}

void domain_table::add(const ldap::entry& e, const site& where) {
    known_domain d{.name = naming::rdn_value(e, attr::vd).value_or(e.first(attr::vd).value_or("")), .dn = e.dn()};
    d.is_backup = !e.has_class(cls::domain);
    d.removed = e.first(attr::delete_) == "TRUE";
    try {
        d.service = d.is_backup ? service_of(backup_domain::from_entry(e, where)) : service_of(domain::from_entry(e, where));
    } catch (const invalid_value&) { // its name is none, which a rule tells
        return;
    }
    by_name_.try_emplace(d.name, all_.size());
    all_.push_back(std::move(d));
}

const known_domain* domain_table::find(std::string_view name) const {
    const auto it = by_name_.find(name);
    return it == by_name_.end() ? nullptr : &all_[it->second];
}

} // namespace vmail::check
