#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <vmail/activity/hour_counts.hpp>

/// What is kept, and what one host hands to another. Each row is of one host, by whose log it was counted, and only grows: of two that are the same but for what
/// they count, the one that counts more is the newer one.
namespace vmail::activity {

/// Whose row it is.
struct row_key {
    std::int64_t hour = 0; ///< hour_of()
    std::string account{}; ///< account_name()
    std::string host{};

    friend auto operator<=>(const row_key&, const row_key&) = default;
};

struct count_row {
    row_key of{};
    hour_counts counts{};
};

/// What is noted with where it came from.
enum class sight {
    login,     ///< a good one, by any protocol
    failure,   ///< one that was refused
    send,      ///< a message that was handed in
    rejection, ///< one that was not taken
    bounce,    ///< a recipient that was not reached
};
inline constexpr std::array<std::string_view, 5> sight_names = {"login", "failure", "send", "rejection", "bounce"};

/// How often it was seen from a network in an hour, and by what the lines of the first time are found.
struct sighting {
    row_key of{};
    sight kind = sight::login;
    std::string network{}; ///< empty: not known
    std::int64_t first = 0, last = 0; ///< seconds since 1970
    std::uint64_t number = 0;
    std::string reference{}; ///< of the first
};

/// What tells that an account is used.
enum class use {
    read,    ///< a good login by IMAP or POP3
    send,    ///< a message that was handed in
    receive, ///< one that came
};
inline constexpr std::array<std::string_view, 3> use_names = {"read", "send", "receive"};

/// When that was for the last time, as far as one host knows.
struct last_use {
    std::string account{}, host{};
    use kind = use::read;
    std::int64_t when = 0;
};

/// What an event is a sign of, if it is.
std::optional<sight> sight_of(const event& e) noexcept;
std::optional<use> use_of(const event& e) noexcept;

} // namespace vmail::activity
