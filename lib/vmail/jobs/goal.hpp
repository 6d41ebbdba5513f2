#pragma once

#include <optional>
#include <string>
#include <vector>

#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/subschema.hpp>

/// Whether what a record of a file asks for holds already. Internal to the import.
namespace vmail::jobs {

/// What would make the entry that is there what the record says: classes are added, attributes replaced, others left alone. Nothing when it is.
std::vector<ldap::modification> changes_to(const ldap::entry& there, const ldap::entry& wanted, const ldap::subschema& schema);

/// Whether carrying the changes out, as far as they can be, leaves the entry as it is.
bool already_holds(const ldap::entry& there, const std::vector<ldap::modification>& changes);

/// "cn, quota and objectClass", of the changes.
std::string attributes_of(const std::vector<ldap::modification>& changes);

/// Why this must not be sent, if so: it holds a password in clear text.
std::optional<std::string> fault_of(const ldap::entry& e);
std::optional<std::string> fault_of(const std::vector<ldap::modification>& changes);

} // namespace vmail::jobs
