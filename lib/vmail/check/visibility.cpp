#include <vmail/ldap/filter.hpp>
#include <vmail/ldap/request.hpp>

#include <vmail/check/visibility.hpp>

namespace vmail::check {

bool visibility::shows(const ldap::dn& where, std::string_view attribute) {
    const auto it = known_.find(attribute);
    if (it != known_.end()) return it->second;
    const auto absent = ldap::filter::negation(ldap::filter::present(attribute));
    const bool is_shown = !session_.search({where, ldap::scope::base, absent, ldap::no_attributes()}).empty();
    return known_.emplace(attribute, is_shown).first->second;
}

} // namespace vmail::check
