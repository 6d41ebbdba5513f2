#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include <vmail/domain_name.hpp>
#include <vmail/export.hpp>
#include <vmail/layout.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/session.hpp>

namespace vmail {

struct export_options {
    std::optional<domain_name> domain{}; ///< nothing: o=hosting and all below it
    bool passwords = false;              ///< with userPassword, and identities that are nothing else (cn=phamm); clearPassword never
};

/// Hands over the tree's entries with their user attributes, parents before children, and returns how many. Complete, or it throws.
VMAIL_EXPORT std::size_t export_tree(ldap::session& s, const layout& where, const export_options& options, const std::function<void(const ldap::entry&)>& visit);

} // namespace vmail
