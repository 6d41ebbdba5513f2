#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <vmail/admin.hpp>
#include <vmail/alias.hpp>
#include <vmail/backup.hpp>
#include <vmail/domain.hpp>
#include <vmail/domain_name.hpp>
#include <vmail/export.hpp>
#include <vmail/mailbox.hpp>
#include <vmail/mailing_list.hpp>
#include <vmail/timestamp.hpp>

namespace vmail {

/// The words for how an entry stands. They are stable: programs read them as `status`.
namespace service_word {
inline constexpr std::string_view active = "active";
inline constexpr std::string_view overdue = "overdue";   ///< its time is up but it works, since no daemon looks at the date: the next expiry run disables it
inline constexpr std::string_view disabled = "disabled"; ///< for any other reason than its time
inline constexpr std::string_view expired = "expired";   ///< disabled because its time is up
inline constexpr std::string_view removed = "removed";
inline constexpr std::string_view invalid = "invalid";   ///< accountActive is missing, or neither TRUE nor FALSE: no daemon's filter finds it
/// It is not stopped itself: mail to it is refused with its domain, but its user logs in, since a filter on an account cannot see what is above it.
inline constexpr std::string_view domain_disabled = "domain disabled";
inline constexpr std::string_view domain_removed = "domain removed";
inline constexpr std::string_view unfinished = "unfinished"; ///< a mailing list without its public address: half made, or half removed
/// Those that a mailbox may have.
inline constexpr std::array of_mailboxes = {active, overdue, disabled, expired, removed, invalid, domain_disabled, domain_removed};
} // namespace service_word

/// Whether daemons serve an entry, and if not, why and since when. What stops the entry itself comes before what stops its domain.
struct service_state {
    bool in_service = true;                      ///< all of it works but what its own switches turn off
    std::string_view why = service_word::active; ///< one of service_word
    std::optional<timestamp> since{};            ///< nothing while active, or where it is not recorded
    bool receives = true;                        ///< mail to it is accepted, and gets where the entry says
    bool logs_in = false;                        ///< IMAP and POP3: mailboxes
    bool sends = false;                          ///< SMTP AUTH: mailboxes
    bool operator==(const service_state&) const = default;
};

/// By its own switches: there is nothing above it.
VMAIL_EXPORT service_state service_of(const domain& d);
/// As of a domain.
VMAIL_EXPORT service_state service_of(const backup_domain& d);
/// `above` is the state of its backup domain.
VMAIL_EXPORT service_state service_of(const backup_mail& m, const service_state& above);
/// By his own switches: what becomes of his domains does not count.
VMAIL_EXPORT service_state service_of(const admin& a);
/// `above` is the state of the domain that the address is in.
VMAIL_EXPORT service_state service_of(const mailbox& m, const service_state& above, timestamp now);
/// As of a mailbox, but for what has a login.
VMAIL_EXPORT service_state service_of(const alias& a, const service_state& above, timestamp now);
/// As its public address.
VMAIL_EXPORT service_state service_of(const mailing_list& l, const service_state& above);

/// The states of domains, each looked up once. One thread at a time.
class VMAIL_EXPORT domain_states {
public:
    using lookup = std::function<std::optional<service_state>(const domain_name&)>;

    /// What it throws comes through of().
    explicit domain_states(lookup find = {}) : find_(std::move(find)) {}

    /// What is known already, from a list of domains.
    void add(const domain& d);

    /// A domain of which nothing can be known counts as in service: it may be hidden from who asks.
    const service_state& of(const domain_name& name);

private:
    lookup find_;
    std::unordered_map<std::string, service_state> known_;
};

} // namespace vmail
