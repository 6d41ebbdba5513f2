#include <vmail/ldap/filter.hpp>

#include <vmail/login.hpp>
#include <vmail/schema.hpp>

namespace vmail::login {

namespace attr = schema::attr;
using ldap::filter;

std::vector<std::string> all_of(const ldap::entry& e) {
    const auto* const values = e.find(attr::uid);
    return values != nullptr && e.has(attr::mailbox) ? *values : std::vector<std::string>{};
}

bool may_be_an_address(std::string_view login) noexcept { return login.find('@') != std::string_view::npos; }

ldap::search_request owner_request(const layout& where, std::string_view login) {
    const auto by_uid = filter::equal(attr::uid, login);
    const auto by_any = may_be_an_address(login) ? filter::any_of({by_uid, filter::equal(attr::mail, login)}) : by_uid;
    return {where.container(), ldap::scope::subtree, by_any, {std::string(attr::mail), std::string(attr::entry_uuid)}};
}

std::optional<std::string> owner(ldap::session& s, const layout& where, std::string_view login, const is_own_entry& is_own) {
    for (const auto& e : s.search(owner_request(where, login)))
        if (!is_own(e)) return e.first(attr::mail).value_or(e.dn().text());
    return std::nullopt;
}

} // namespace vmail::login
