#pragma once

#include <string>

#include <vmail/ldap/request.hpp>

namespace vmail::tools {

/// A request as an LDIF change record, with a comment in the place of each password. What it is guarded by is not said.
std::string to_ldif(const ldap::write_request& request);

/// "modify mail=...": for one line.
std::string summary(const ldap::write_request& request);

} // namespace vmail::tools
