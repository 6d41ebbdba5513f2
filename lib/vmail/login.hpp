#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/layout.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/own_entry.hpp>

/// What a person may log in with beside the address: the uid of a mailbox. A daemon that finds two mailboxes by one login lets nobody in. Internal.
namespace vmail::login {

/// Those of a mailbox; other entries have none.
std::vector<std::string> all_of(const ldap::entry& e);

/// Whether somebody's address may be the same.
bool may_be_an_address(std::string_view login) noexcept;

/// What owner() asks.
ldap::search_request owner_request(const layout& where, std::string_view login);
/// Whose login or address it is already, by an index: an address, or a DN where there is none.
std::optional<std::string> owner(ldap::session& s, const layout& where, std::string_view login, const is_own_entry& is_own);

} // namespace vmail::login
