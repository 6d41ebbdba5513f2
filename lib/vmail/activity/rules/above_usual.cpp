#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include <vmail/activity/rules/table.hpp>

namespace vmail::activity {

namespace {

constexpr std::int64_t usual_hours = 30 * 24;

/// Of the hours in which it sent anything, in the thirty days before: what nineteen of twenty do not exceed.
std::uint64_t usual_of(const outlook& o, std::int64_t account) {
    auto rows = o.kept.database().prepare("SELECT sum(recipients) AS n FROM counts WHERE account = ?1 AND hour >= ?2 AND hour < ?3 GROUP BY hour HAVING n > 0 ORDER BY n");
    rows.bind(1, account).bind(2, o.span.from - usual_hours).bind(3, o.span.from);
    std::vector<std::uint64_t> hours;
    while (rows.step()) hours.push_back(rows.count(0));
    return hours.empty() ? 0 : hours[(hours.size() * 95 + 99) / 100 - 1];
}

void look(const outlook& o, const telling& tell) {
    const auto least = o.limits.least(threshold::hour_recipients);
    if (!least) return;
    // In HAVING the name of a column comes before that of a sum, and would be the value of any row.
    auto rows = asked(o, "SELECT a.name, a.id, c.hour, sum(c.recipients) AS all_recipients, sum(c.messages) FROM counts c JOIN account a ON a.id = c.account WHERE c.hour >= ?1 AND c.hour < ?2 "
                         "GROUP BY c.account, c.hour HAVING all_recipients > ?3 ORDER BY a.name, all_recipients DESC, c.hour");
    rows.bind(3, static_cast<std::int64_t>(*least));
    std::string looked_at;
    while (rows.step()) {
        const std::string account(rows.text(0));
        if (account == looked_at) continue; // its worst hour is the first one
        looked_at = account;
        const auto limit = o.limits.of(threshold::hour_recipients, account), times = o.limits.of(threshold::times_usual, account);
        const auto recipients = rows.count(3);
        if (!limit || recipients <= *limit) continue;
        const auto usual = usual_of(o, rows.integer(1));
        if (times && recipients <= *times * usual) continue;
        const auto hour = rows.integer(2);
        tell(account, fmt::format("it sent to {} recipients in the hour from {}, where {} are usual for it", recipients, moment_of(hour * 3600), usual),
             {{"recipients", recipients}, {"messages", rows.count(4)}, {"usual", usual}, {"limit", *limit}}, {sight::send}, {hour, hour + 1});
    }
}

} // namespace

const rule above_usual{{"above-usual", severity::error, true,
                        "An account sends to more than hour-recipients recipients in an hour, and to more than times-usual of what is usual for it: what nineteen of twenty of its hours in the "
                        "thirty days before did not exceed, of those in which it sent."},
                       look};

} // namespace vmail::activity
