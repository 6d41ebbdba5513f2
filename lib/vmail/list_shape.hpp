#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <vmail/address.hpp>
#include <vmail/domain_name.hpp>
#include <vmail/export.hpp>

/// The addresses of a list that Mailman serves: the public one, where people write to, and the service addresses beside it. Each of them is an alias that leads
/// to the same local part, in lower case, at the domain of the list server.
namespace vmail::list_shape {

/// What follows the name of a list in its service addresses. Mailman 2 has a pipe for each of them; Mailman 3 takes -admin for -bounces.
inline constexpr std::array<std::string_view, 9> service_suffixes = {"-admin", "-bounces", "-confirm",   "-join",       "-leave",
                                                                     "-owner", "-request", "-subscribe", "-unsubscribe"};
/// Bytes: with the longest suffix it is a local part of 64 (RFC 5321 section 4.5.3.1.1).
inline constexpr std::size_t longest_name = 64 - std::string_view("-unsubscribe").size();

/// Whether Mailman takes it for the name of a list, and each service address of it is an address.
VMAIL_EXPORT bool is_name(std::string_view name);
/// The suffix that a local part ends in, with something before it.
VMAIL_EXPORT std::optional<std::string_view> suffix_of(std::string_view local_part);
/// Throws invalid_value for an address that cannot be the public one of a list: no name, or one that Mailman would take for a service address of another list.
VMAIL_EXPORT void check_address(const address& a);

/// Where an address of the list leads: "staff", "-request", "lists.example.org". An empty suffix is that of the public address.
VMAIL_EXPORT std::string target(std::string_view name, std::string_view suffix, std::string_view lists_domain);
/// An address of the list; an empty suffix as before.
VMAIL_EXPORT address address_of(const address& list, std::string_view suffix);

} // namespace vmail::list_shape
