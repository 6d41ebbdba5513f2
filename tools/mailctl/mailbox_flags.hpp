#pragma once

#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <vmail/mailbox.hpp>
#include <vmail/timestamp.hpp>

namespace vmail::tools {

/// What the command line may say about a mailbox.
struct mailbox_flags {
    std::optional<std::string> name{};
    std::optional<std::string> surname{};
    std::optional<std::string> given_name{};
    std::optional<std::string> description{};
    std::vector<std::string> other{}; ///< ATTRIBUTE=VALUE
    std::optional<std::string> quota{};
    std::optional<std::string> expires{};
    std::optional<std::string> send_limit{};
    std::optional<bool> smtp_auth{}, login{}, receive{};
    std::optional<std::string> path{};
};

void add_mailbox_flags(CLI::App& verb, mailbox_flags& flags);

/// The flags as what they mean. Throws invalid_value. The flags must outlive it.
class mailbox_changes {
public:
    mailbox_changes(const mailbox_flags& flags, const time_zone& zone);

    bool empty() const noexcept;
    /// All but the end, which may be more than a change of one value: see service_change::set_expiry().
    void apply(mailbox& m) const;
    /// The quota is to be what the domain gives: see domain_quotas.
    bool takes_quota_of_domain() const noexcept { return flags_.quota && !quota_; }
    bool sets_expiry() const noexcept { return flags_.expires.has_value(); }
    const std::optional<expiry>& expires() const noexcept { return expires_; }

private:
    const mailbox_flags& flags_;
    std::optional<vmail::quota> quota_{};
    attribute_values other_{};
    std::optional<expiry> expires_{};
    std::optional<send_limits> send_limits_{};
};

} // namespace vmail::tools
