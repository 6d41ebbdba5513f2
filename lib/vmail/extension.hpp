#pragma once

#include <vmail/address.hpp>
#include <vmail/export.hpp>
#include <vmail/layout.hpp>

namespace vmail {

/// Throws invalid_value where the daemons would take a part of the local part for an extension ("bob+lists"): the mail for a mailbox of this name would go
/// to another one, or back. An alias may have such a name.
VMAIL_EXPORT void require_own_name(const address& a, const site& s);

} // namespace vmail
