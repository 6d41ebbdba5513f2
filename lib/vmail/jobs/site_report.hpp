#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <vmail/address.hpp>
#include <vmail/directory.hpp>
#include <vmail/domain_name.hpp>
#include <vmail/export.hpp>
#include <vmail/jobs/mail_usage.hpp>
#include <vmail/service.hpp>
#include <vmail/timestamp.hpp>

namespace vmail {

/// What is counted, as of when.
struct report_options {
    std::optional<domain_name> domain{}; ///< this one alone
    timestamp now = timestamp::now();
    std::chrono::days soon{30};          ///< what ends within so many counts as ending soon
    usage_meter* mail = nullptr;         ///< looks at the mail, too
    std::chrono::days idle{90};          ///< what was not used for so many counts as idle
    /// What was found of each mailbox that is not removed. Empty: nobody wants to know.
    std::function<void(const address&, const mail_usage&)> on_mail{};
};

/// What the mail of a domain's mailboxes tells, of those that are not removed.
struct mail_report {
    std::uint64_t used_bytes = 0;
    std::size_t not_measured = 0;                   ///< mailboxes without a size, be it that they have no folder; they are not in the sum
    std::size_t never_used = 0, idle = 0;
    std::size_t use_unknown = 0;                    ///< of which neither can be said
};

/// What a domain holds.
struct VMAIL_EXPORT domain_report {
    std::string name{};
    std::string_view status{};                      ///< service_word of the domain
    std::size_t mailboxes = 0;                      ///< all, but those that are marked as removed
    std::map<std::string_view, std::size_t> states{}; ///< mailboxes by service_word, also the removed ones
    std::size_t ending_soon = 0;                    ///< in service, and their end is near but not past
    std::size_t aliases = 0;                        ///< service addresses of mailing lists are among them
    std::size_t lists = 0;                          ///< mailing lists that record their owners, by their public addresses
    std::size_t forwards = 0, forwards_outside = 0; ///< mailboxes whose forward is on; of them those that send to a domain that is not here
    std::uint64_t quota_bytes = 0;                  ///< promised to mailboxes with a quota of their own
    std::size_t without_quota = 0;                  ///< mailboxes that have none of their own, or an unlimited one
    mail_report mail{};

    std::size_t in_state(std::string_view word) const; ///< one of service_word
    std::size_t active() const;                        ///< in service, be it that the time of some is up
    std::size_t stopped() const;                       ///< for another reason than their time, by themselves or with the domain
};

/// What happened to mailboxes, or will, in a month of the site's time zone, "2026-11": an end counts where its last day is.
struct month_report {
    std::size_t created = 0, ends = 0, expired = 0, removed = 0;
};

/// The numbers of a site at one moment.
struct site_report {
    std::vector<domain_report> domains{};           ///< by name
    std::map<std::string, month_report> months{};
    bool has_mail = false;                          ///< the mail was looked at
    std::vector<unreadable_entry> unreadable{};
};

/// Where the report counts it, "2026-11".
std::string month_of(timestamp t, const time_zone& zone);

/// One look at all of it, from a complete answer; in memory is a row for each domain and month. Throws not_found for a domain that is not there.
VMAIL_EXPORT site_report report_on(directory& d, const report_options& options);

} // namespace vmail
