#pragma once

#include <optional>
#include <string>
#include <vector>

#include <vmail/address.hpp>
#include <vmail/export.hpp>
#include <vmail/layout.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/password.hpp>
#include <vmail/state.hpp>

namespace vmail {

/// An alias, or the catch-all of a domain: VirtualMailAlias. `postmaster@DOMAIN` is one too, with a name of its own in the tree.
struct VMAIL_EXPORT alias : entry_state {
    explicit alias(alias_address a) : address(std::move(a)) {}

    alias_address address;
    std::vector<maildrop> targets{}; ///< at least one, in the order in which they are stored
    std::string full_name{};         ///< cn; empty: the local part (of a catch-all: "catch-all") is written
    std::string description{};
    std::optional<password_hash> password{}; ///< of a domain's administrator; left alone when not set
    std::optional<vmail::expiry> expires{};
    /// vmailListOwner: whom to ask about the mailing list whose public address this is. Only where the server has our schema.
    std::vector<maildrop> list_owners{};

    /// As mailbox::from_entry() and mailbox::to_entry(). Throws invalid_value for an alias without a target or marked as removed.
    static alias from_entry(const ldap::entry& e, const site& s);
    void to_entry(ldap::entry& e, const site& s) const;
};

} // namespace vmail
