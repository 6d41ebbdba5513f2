#pragma once

#include <functional>
#include <string>

#include <vmail/ldap/entry.hpp>

/// Internal to check.
namespace vmail::check {

/// Takes what has been set aside out of the entry of a domain, as far as it goes, and its class with the last.
void take_reservations(ldap::entry& e, const std::function<bool(const std::string&)>& goes);

} // namespace vmail::check
