#pragma once

#include <vmail/ldap/filter.hpp>
#include <vmail/timestamp.hpp>

#include <cli/invocation.hpp>

namespace vmail::tools {

/// Mailboxes that have an end at all.
ldap::filter has_end(invocation& run);

/// No fewer than those whose end is at or before an instant, and as few as the server can tell: by range where the attribute has an
/// ordering rule, else all that have an end.
ldap::filter ends_until(invocation& run, timestamp instant);

} // namespace vmail::tools
