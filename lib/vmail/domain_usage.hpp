#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/domain.hpp>
#include <vmail/error.hpp>
#include <vmail/export.hpp>
#include <vmail/layout.hpp>
#include <vmail/role_addresses.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/timestamp.hpp>

namespace vmail {

/// How much of a domain's limits there is: entries in it, places of a plan, places set aside. The role addresses of the site count against no limit, what is
/// marked as removed neither. Sums that would not fit stay at the largest number.
struct VMAIL_EXPORT domain_places {
    std::uint64_t mailboxes = 0, aliases = 0, quota_bytes = 0;

    domain_places& operator+=(const domain_places& other) noexcept;
    bool operator==(const domain_places&) const = default;
};

/// Places that a run has set aside in a domain: a value of vmailReservation on its entry, "20261231235959 TOKEN 25 0 53687091200".
struct VMAIL_EXPORT reservation {
    timestamp made;
    std::string token; ///< letters and digits
    domain_places places{};

    /// Nothing for what is none.
    static std::optional<reservation> parse(std::string_view text);
    std::string text() const;
    /// What a run that was killed left behind counts for a quarter of an hour; what is dated more than a day ahead, never.
    bool is_stale(timestamp now) const noexcept;
};

/// The values of vmailReservation that count now and are not of this token; and the others.
struct reservations {
    std::vector<reservation> standing{};
    std::vector<std::string> obsolete{};

    static reservations of(const ldap::entry& domain, std::string_view own_token, timestamp now);
};

/// What an entry takes of its domain's limits.
domain_places places_of(const ldap::entry& e, const role_addresses& roles);
/// What `after` takes more than `before`: less is never asked for.
domain_places more_than(const domain_places& before, const domain_places& after) noexcept;

/// What is in the domain. `d` is the domain's entry, read before.
VMAIL_EXPORT domain_places count_places(ldap::session& s, const ldap::entry& d, const role_addresses& roles);
/// What others than `own_token` have set aside there. What they have used of it by now is counted twice, until they give it back.
VMAIL_EXPORT domain_places set_aside_by_others(const ldap::entry& d, std::string_view own_token, timestamp now);

/// Which limit the domain has no room under for `more` beside what is there, if there is one.
VMAIL_EXPORT std::optional<limit_exceeded> shortage(const domain& d, const domain_places& there, const domain_places& more);
/// Throws limit_exceeded when it has not.
VMAIL_EXPORT void require_room(const domain& d, const domain_places& there, const domain_places& more);

} // namespace vmail
