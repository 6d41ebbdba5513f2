#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include <vmail/domain_name.hpp>
#include <vmail/export.hpp>
#include <vmail/layout.hpp>
#include <vmail/ldap/entry_view.hpp>
#include <vmail/ldap/session.hpp>

namespace vmail {

/// Which part of the tree is written down, and with what of its secrets.
struct export_options {
    std::optional<domain_name> domain{}; ///< nothing: o=hosting and all below it
    bool passwords = false;              ///< with userPassword, and identities that are nothing else (cn=phamm); clearPassword never
};

/// What has been handed over.
struct export_summary {
    std::size_t entries = 0;
    std::size_t mailboxes = 0;        ///< among them
    std::size_t without_password = 0; ///< of the mailboxes: it was not asked for, may not be read, or there is none
};

/// Hands over the tree's entries with their user attributes, parents before children. What is handed over is there until the function returns. Complete, or it throws.
VMAIL_EXPORT export_summary export_tree(ldap::session& s, const layout& where, const export_options& options, const std::function<void(const ldap::entry_view&)>& visit);

} // namespace vmail
