#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <vmail/export.hpp>
#include <vmail/jobs/site_report.hpp>
#include <vmail/timestamp.hpp>

namespace vmail {

/// What accounts did in a day, as the daemons log it.
struct traffic_day {
    std::string day{}; ///< "2026-11-29", in the zone of the months
    std::uint64_t received = 0, recipients = 0, deferred = 0, bounced = 0, logins = 0;
};

/// What the page says of the report, and how much of it has a row.
struct page_options {
    std::string title = "Mail accounts";
    timestamp now = timestamp::now(); ///< when it was counted
    time_zone zone = time_zone::local(); ///< of the months
    std::chrono::days soon{30}, idle{90}; ///< as the report was asked
    std::size_t most_domains = 20;    ///< by name, in a plot and its table; the others are one row
    int months_back = 24, months_ahead = 12; ///< as many have a row of their own
    std::vector<traffic_day> traffic{}; ///< in their order; none: it is not known, and no part of the page
};

/// The report as a page for people: XHTML, which a browser reads as HTML, too; with plots as SVG, without a script, and it fetches nothing. Each number that
/// is counted stands in a table beside its plot, as `<data value="N">`. Whatever names hold is text on it.
VMAIL_EXPORT std::string report_page(const site_report& r, const page_options& options);

} // namespace vmail
