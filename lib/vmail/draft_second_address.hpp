#pragma once

#include <string>
#include <vector>

#include <vmail/address.hpp>
#include <vmail/draft_state.hpp>
#include <vmail/layout.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/request.hpp>

/// How an entry gets another address without ever being without one: it answers to both until what leads to the old one has been led over. Internal.
namespace vmail {

/// The name that the entry has while it answers to both addresses: what was named otherwise than by its address ("uid=bob") stays so.
ldap::dn new_name_of(const ldap::entry& e, const alias_address& from, const alias_address& to, const layout& where);
/// Its first step where the name stays.
ldap::modify_request addition_of_mail(const ldap::entry& e, const std::string& mail, const ldap::precondition& guard);
/// The requests that give an entry a second address, as far as it does not have it: it is found by either from then on, at the new name.
/// The guard is that of the entry before the first of them.
std::vector<ldap::write_request> requests_for_second_address(const ldap::entry& e, const ldap::dn& name, const std::string& mail, const ldap::precondition& guard);
/// The entry as it is with both addresses.
ldap::entry with_second_address(ldap::entry e, const ldap::dn& name, const std::string& mail);
/// The entry when its old address is gone.
ldap::entry without_old_address(ldap::entry e, const alias_address& from, const alias_address& to, draft::state& s);

} // namespace vmail
