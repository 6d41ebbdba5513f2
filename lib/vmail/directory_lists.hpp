#pragma once

#include <vector>

#include <vmail/address.hpp>
#include <vmail/layout.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/session.hpp>

namespace vmail {

/// The entries below o=hosting that have one of the addresses of a list, whatever they are, in one search. Internal.
std::vector<ldap::entry> find_entries_of_list(ldap::session& s, const layout& where, const address& public_address);

} // namespace vmail
