#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <vmail/activity/event.hpp>

namespace vmail::activity {

/// What is counted of an account.
enum class measure {
    logins_imap, ///< good ones, by protocol in the order of activity::protocol
    logins_pop3,
    logins_sieve,
    logins_submission,
    failures,   ///< logins that were refused, by any protocol
    messages,   ///< that it handed in
    recipients, ///< of them
    bytes,      ///< of them
    sent,       ///< recipients that were reached
    deferred,   ///< times that one was put off
    bounced,    ///< recipients that were not
    rejected,   ///< what it wanted to hand in and could not
    received,   ///< messages that came into its mailbox
    received_bytes,
    received_deferred,
    received_bounced,
};
inline constexpr std::size_t measures = static_cast<std::size_t>(measure::received_bounced) + 1;

/// The names, in the order of measure: columns of the store, and of what is exported.
inline constexpr std::array<std::string_view, measures> measure_names = {"logins_imap", "logins_pop3", "logins_sieve", "logins_submission", "failures", "messages", "recipients", "bytes",
                                                                         "sent", "deferred", "bounced", "rejected", "received", "received_bytes", "received_deferred", "received_bounced"};

/// More than anything counts: what two of them make fits a signed number of 64 bits.
inline constexpr std::uint64_t most_counted = (std::uint64_t{1} << 62U) - 1;

/// What was counted in an hour, or in more of them. It only grows.
struct hour_counts {
    std::array<std::uint64_t, measures> numbers{};

    std::uint64_t operator[](measure m) const noexcept { return numbers[static_cast<std::size_t>(m)]; }
    /// No more than most_counted.
    void add(measure m, std::uint64_t n = 1) noexcept;
    void add(const hour_counts& more) noexcept;
    /// What one event adds.
    void add(const event& e) noexcept;

    friend bool operator==(const hour_counts&, const hour_counts&) = default;
};

/// The hour that a moment is in, counted from 1970-01-01 in UTC.
constexpr std::int64_t hour_of(std::int64_t when) noexcept { return when / 3600 - (when % 3600 < 0 ? 1 : 0); }

} // namespace vmail::activity
