#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <vmail/address.hpp>
#include <vmail/export.hpp>
#include <vmail/layout.hpp>

namespace vmail {

/// Where Dovecot cuts the name of a mailbox, with the delimiter ("bob+lists": 3); npos: it does not.
VMAIL_EXPORT std::size_t extension_at(std::string_view local_part, const site& s) noexcept;

/// "bob@example.org" of "bob+lists@example.org", as Postfix takes it (routing::without_extension): what is no entry itself is for that one. Nothing where
/// there is no extension.
std::optional<address> without_extension(const address& a, const site& s);

/// Throws invalid_value where the daemons would take a part of the local part for an extension ("bob+lists"): the mail for a mailbox of this name would go
/// to another one, or back, or nowhere ("+bob"). An alias may have such a name.
VMAIL_EXPORT void require_own_name(const address& a, const site& s);

/// Whether Postfix takes a local part for a way to another server ("a%b", "a!b", "a@b" in quotes), which it refuses from strangers (allow_untrusted_routing).
bool has_route(std::string_view local_part) noexcept;
/// Throws invalid_value for an address that has such a one.
VMAIL_EXPORT void require_no_route(const address& a);
/// The same of an address that may be a catch-all, which has none.
void require_no_route(const alias_address& a);

} // namespace vmail
