#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <vmail/domain_name.hpp>
#include <vmail/export.hpp>
#include <vmail/layout.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/quota.hpp>
#include <vmail/send_limits.hpp>
#include <vmail/state.hpp>

namespace vmail {

/// Whether Postfix takes it for a result of transport(5): "maildrop:", "lmtp:unix:private/dovecot-lmtp".
VMAIL_EXPORT bool is_transport(std::string_view text) noexcept;

/// A mail domain: VirtualDomain. Daemons refuse mail to a disabled one; its users can still log in, since a filter on an account cannot see its domain.
struct VMAIL_EXPORT domain : entry_state {
    explicit domain(domain_name n) : name(std::move(n)) {}

    domain_name name;
    std::string description{};
    std::string transport{};                       ///< postfixTransport
    std::optional<std::uint64_t> max_mailboxes{};  ///< maxMail; nothing: no limit
    std::optional<std::uint64_t> max_aliases{};    ///< maxAlias; the role addresses do not count
    std::optional<std::uint64_t> max_quota_mib{};  ///< maxQuota: the sum of all quotas, in MiB

    std::optional<quota> default_quota{};          ///< vmailDefaultQuota: of new mailboxes that are given none; only where the server has our schema
    vmail::send_limits send_limits{};              ///< vmailSendLimit: of each of its mailboxes that has none of its own; as default_quota

    /// As mailbox::from_entry() and mailbox::to_entry().
    static domain from_entry(const ldap::entry& e, const site& s);
    void to_entry(ldap::entry& e, const site& s) const;
};

} // namespace vmail
