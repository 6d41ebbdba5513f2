#pragma once

#include <functional>

#include <vmail/ldap/entry.hpp>

namespace vmail {

/// Whether an entry that has what is asked for is the very one that asks: told of its name, its addresses and its entryUUID. Internal.
using is_own_entry = std::function<bool(const ldap::entry&)>;

} // namespace vmail
