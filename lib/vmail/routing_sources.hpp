#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// The way back: what sends mail to an address. Pure, as the way there. Internal.
namespace vmail::routing {

/// How an entry sends mail on. The words are stable: programs read them.
namespace sender_word {
inline constexpr std::string_view alias = "alias";
inline constexpr std::string_view catch_all = "catch-all";
inline constexpr std::string_view forward = "forward";
inline constexpr std::string_view vacation_forward = "vacation forward"; ///< whoever answers may follow it; Postfix does not
inline constexpr std::string_view switched_off = "switched off";         ///< why a forward does not send
inline constexpr std::string_view behind_mailbox = "behind a mailbox";   ///< why an alias does not: a mailbox with its address gets the mail
} // namespace sender_word

/// An entry that names an address among its targets.
struct sender {
    std::string address{}; ///< its own, "@domain" of a catch-all
    std::string_view kind = sender_word::alias;
    std::string why{};     ///< why it does not send now: one of service_word, loss_word or sender_word; empty: it does
};

using find_senders = std::function<std::vector<sender>(const std::string& address)>;

/// A sender and whom it sends to, of those that lead to the address that was asked for.
struct source {
    sender who{};
    std::vector<std::string> to{};
};

/// All of them, each once, the nearest first. `find` is asked once for each address; what leads back to one that was met ends there.
std::vector<source> sources_of(const std::string& address, const find_senders& find);

} // namespace vmail::routing
