#pragma once

#include <optional>
#include <string>
#include <vector>

#include <vmail/address.hpp>
#include <vmail/alias.hpp>
#include <vmail/domain_name.hpp>
#include <vmail/export.hpp>
#include <vmail/state.hpp>

namespace vmail {

/// A mailing list that Mailman serves, as the directory has it: aliases for the public address and the service addresses (list_shape.hpp), which lead to the
/// domain of the list server. Its members are Mailman's.
///
/// Nothing says of an alias that it is one of a list but where it leads; the public address of a list with owners has a class of its own as well.
struct VMAIL_EXPORT mailing_list : entry_state {
    explicit mailing_list(vmail::address a) : address(std::move(a)) {}

    vmail::address address; ///< where people write to
    std::optional<domain_name> lists_domain{}; ///< of the list server; nothing: the addresses lead elsewhere
    std::vector<maildrop> owners{};            ///< whom to ask, where the server has our schema
    std::string description{};

    // ---- as read, and not for changes
    std::vector<stored<alias>> entries{};       ///< what there is of it: the public address first, then the service addresses in their order
    std::vector<vmail::address> missing{};      ///< its addresses that are not there, or do not lead to lists_domain
    bool has_public_address = true;             ///< false: it is half made, or half removed

    /// So many service addresses make a list of aliases of which nothing says that they are one.
    static constexpr std::size_t least_services = 2;

    /// The ten addresses, the public one first. Throws invalid_value where one of them would be too long.
    static std::vector<vmail::address> addresses_of(const vmail::address& public_address);
    /// Where the alias leads, if that is how an address of a list leads: to its own local part, in another domain, alone.
    static std::optional<domain_name> lists_domain_of(const alias& a);
    /// The list among aliases that have its addresses. Nothing where they are none: the public address is something else, or fewer than `least` service
    /// addresses lead away as it does and no class says that it is one.
    static std::optional<stored<mailing_list>> among(const vmail::address& public_address, const std::vector<stored<alias>>& found, std::size_t least = least_services);
    /// The same of one that was named: what is left of it when it is half removed is enough.
    static std::optional<stored<mailing_list>> named(const vmail::address& public_address, const std::vector<stored<alias>>& found);
};

} // namespace vmail
