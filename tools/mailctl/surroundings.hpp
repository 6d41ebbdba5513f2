#pragma once

#include <cstddef>

#include <vmail/ldap/ldif_writer.hpp>

#include <cli/invocation.hpp>

/// What is around the tree of mail, and no part of it.
namespace vmail::tools {

/// The entry of the suffix, and our own where it lies right below; a note says where it is left out, since its password may not be read. Throws denied where the first may not be seen.
/// Returns how many were written.
std::size_t write_base(invocation& run, ldap::ldif_writer& writer, bool passwords);
/// The virtual admins and what is above them, as far as there are any.
std::size_t write_administrators(invocation& run, ldap::ldif_writer& writer, bool passwords);

} // namespace vmail::tools
