#pragma once

#include <algorithm>
#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <vmail/export.hpp>

namespace vmail {

/// A time zone of the IANA database, by name ("Europe/Rome", "UTC").
class VMAIL_EXPORT time_zone {
public:
    /// Throws error(configuration) when the database has no such zone.
    static time_zone named(const std::string& name);
    /// The machine's own zone: TZ when it is set (a name, a file, or a rule of POSIX without summer time such as "UTC0", with or without a leading
    /// colon), else /etc/localtime, also where that is a copy of a file of the database. UTC where TZ is empty or the machine has no such file.
    /// Throws error(configuration) when it leads to no zone of the database: a rule such as "CET-1CEST" does not.
    static time_zone local();

    const std::string& name() const noexcept { return name_; }

private:
    explicit time_zone(std::string name) : name_(std::move(name)) {}
    std::string name_;
};

/// An instant in UTC, to the second, from the year 0 to the year 9999: what lies beyond becomes the nearest of the two ends.
///
/// A local time that does not exist (the clocks skip it) means the instant at which they skip, one that exists twice means the first.
class VMAIL_EXPORT timestamp {
public:
    explicit timestamp(std::chrono::sys_seconds instant) noexcept : instant_(std::clamp(instant, earliest, latest)) {}
    static timestamp now() noexcept;
    static timestamp from_epoch(std::int64_t seconds) noexcept;
    /// The instant at which the clocks of the zone show this date and time, counted as if it were UTC.
    static timestamp from_local(std::chrono::sys_seconds shown, const time_zone& zone);

    std::chrono::sys_seconds instant() const noexcept { return instant_; }
    std::int64_t epoch() const noexcept { return instant_.time_since_epoch().count(); }

    /// The 14 digits YYYYMMDDhhmmss of Phamm's INTEGER dates, UTC. Strict: exactly 14 digits, a day that exists, 00:00:00 to 23:59:59,
    /// year 1970 to 9999. Everything else throws invalid_value: what is malformed is reported, never taken for expired.
    static timestamp parse_digits(std::string_view text);
    /// Throws invalid_value before 1970.
    std::string digits() const;

    /// LDAP generalizedTime (RFC 4517 section 3.3.13), "20261231235959Z" as servers write it; also without seconds or minutes, and with an offset.
    /// A fraction of a second is dropped. Throws invalid_value.
    static timestamp parse_generalized(std::string_view text);
    std::string generalized() const;

    /// "2026-12-31T22:59:59Z" (RFC 3339).
    std::string rfc3339() const;

    /// A moment as people write it: "2026-12-31" (that day at 00:00 in the zone), "2026-12-31 14:30[:15]" or with T (in the zone), RFC 3339 with Z or an
    /// offset, or "now". Year 1970 to 9999. Throws invalid_value.
    static timestamp parse(std::string_view text, const time_zone& zone);

    /// The local date and time in the zone, "2026-12-31 23:59:59".
    std::string local_text(const time_zone& zone) const;

    auto operator<=>(const timestamp&) const = default;

private:
    static constexpr std::chrono::sys_seconds earliest{std::chrono::seconds{-62'167'219'200}}; // 0000-01-01T00:00:00Z
    static constexpr std::chrono::sys_seconds latest{std::chrono::seconds{253'402'300'799}};   // 9999-12-31T23:59:59Z
    std::chrono::sys_seconds instant_;
};

/// When a mailbox ends: the first instant at which it no longer works.
class VMAIL_EXPORT expiry {
public:
    explicit expiry(timestamp at) noexcept : at_(at) {}

    /// "2026-12-31" works through that day in the zone: the instant is the first one of the next day there (the day after a gap at
    /// midnight begins where the clocks do). "+30d", "+6w", "+3m", "+1y" count from today in the zone, and work through the day reached
    /// (a month's last day where the day does not exist). A full time as in timestamp::parse() is taken as it is. Throws invalid_value.
    static expiry parse(std::string_view text, const time_zone& zone, timestamp now);
    /// The same without what means another day whenever it is read, "+30d" and "now". Throws invalid_value.
    static expiry parse_fixed(std::string_view text, const time_zone& zone);

    /// So much later, "6m", "30d", "1y", "2w" or the same with "+": counted from its last day in the zone, or with a time of day from that day, at that time.
    /// Throws invalid_value.
    expiry extended(std::string_view by, const time_zone& zone) const;

    /// Phamm's expireDate. Throws invalid_value.
    static expiry from_attribute(std::string_view text);
    std::string to_attribute() const { return at_.digits(); }

    /// First-generation sites: mailboxExpiration, whole days since 1970-01-01; as in shadow(5) the account ends when that day begins in the zone.
    /// Day 0 is refused: to some it means no date at all. Throws invalid_value.
    static expiry from_days(std::string_view text, const time_zone& zone);
    /// The day in the zone that begins at or after the instant (rounded up, never early).
    std::string to_days(const time_zone& zone) const;

    timestamp at() const noexcept { return at_; }
    bool passed(timestamp now) const noexcept { return at_ <= now; }

    /// The last day on which it works, "2026-12-31", when it ends at a midnight of the zone; else the local date and time, or UTC where that was shown before. As parse() reads it.
    std::string text(const time_zone& zone) const;

    auto operator<=>(const expiry&) const = default;

private:
    timestamp at_;
};

} // namespace vmail
