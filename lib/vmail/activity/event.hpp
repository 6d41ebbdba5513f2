#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

namespace vmail::activity {

/// By what somebody logs in. Submission is SMTP with a login.
enum class protocol { imap, pop3, sieve, submission };

/// Somebody showed a password that was right, or one that was not.
struct login {
    protocol by = protocol::imap;
    bool is_good = false;
};

/// A message that somebody who was logged in handed in, as it stands in the queue.
struct submission {
    std::uint64_t recipients = 0;
    std::uint64_t bytes = 0; ///< with its headers
};

/// What somebody who was logged in wanted to send and the server did not take: a recipient, a sender, or all of it.
struct rejection {};

enum class fate { sent, deferred, bounced };

/// What became of one recipient of a message that somebody handed in. Of one that is deferred there are several.
struct dispatch {
    fate how = fate::sent;
};

/// What became of a message on its way into a mailbox here.
struct delivery {
    fate how = fate::sent;
    std::uint64_t bytes = 0; ///< 0: not known
};

/// What a daemon wrote of one account. The texts are somebody's: an attacker chooses a good part of them. They live until the function to which the event is told returns.
struct event {
    std::int64_t when = 0;        ///< seconds since 1970-01-01 in UTC
    std::string_view host{};      ///< that wrote it
    std::string_view account{};   ///< a login, or an address: as it stands there, not empty
    std::string_view client{};    ///< the address of the other end, as IPv4 or IPv6 in text; empty: not known
    std::string_view reference{}; ///< by what the lines of it are found in the log: Postfix' queue ID, Dovecot's session, a process
    std::variant<login, submission, rejection, dispatch, delivery> what{};
};

} // namespace vmail::activity
