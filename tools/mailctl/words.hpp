#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <vmail/quota.hpp>
#include <vmail/send_limits.hpp>
#include <vmail/timestamp.hpp>

/// The words and numbers that flags take. All of them throw invalid_value.
namespace vmail::tools {

/// "none" is no limit.
std::optional<std::uint64_t> parse_limit(const std::string& flag, const std::string& text);

/// How many rows --limit shows; "none" and 0 are all.
std::optional<std::uint64_t> parse_most_shown(const std::string& text);

/// Why something is disabled: one word of lower-case letters, digits and hyphens, but not the one by which the expiry run knows its own.
std::string parse_reason(const std::string& text);

/// "domain" is no quota of its own.
std::optional<quota> parse_quota(const std::string& text);

/// What a domain gives to new mailboxes; "server" is nothing of its own.
std::optional<quota> parse_default_quota(const std::string& text);

/// "domain" is no limit of its own, which is not "none".
std::optional<send_limits> parse_send_limits(const std::string& text);

/// A domain's quota in MiB, rounded up; "none" is no limit.
std::optional<std::uint64_t> parse_quota_mib(const std::string& text);

/// The address or domain that a subject is or, as a DN, has; nothing for another entry.
std::optional<std::string> name_in(const std::string& subject);

/// "never" is no end.
std::optional<expiry> parse_expiry(const std::string& text, const time_zone& zone);

} // namespace vmail::tools
