#include <fmt/format.h>

#include <vmail/activity/rules/table.hpp>

namespace vmail::activity {

namespace {

void look(const outlook& o, const telling& tell) {
    const auto least = o.limits.least(threshold::hour_networks);
    if (!least) return;
    // The worst hour of an account comes first.
    auto rows = asked(o, fmt::format("SELECT a.name, s.hour, count(DISTINCT s.network) AS networks, sum(s.number) FROM sighting s JOIN account a ON a.id = s.account "
                                     "WHERE s.hour >= ?1 AND s.hour < ?2 AND s.kind IN ({}, {}) AND s.network <> '' GROUP BY s.account, s.hour HAVING networks > ?3 "
                                     "ORDER BY a.name, networks DESC, s.hour",
                                     static_cast<int>(sight::login), static_cast<int>(sight::send)));
    rows.bind(3, static_cast<std::int64_t>(*least));
    std::string told;
    while (rows.step()) {
        const std::string account(rows.text(0));
        const auto limit = o.limits.of(threshold::hour_networks, account);
        if (account == told || !limit || rows.count(2) <= *limit) continue;
        told = account;
        const auto hour = rows.integer(1);
        tell(account, fmt::format("it logged in or sent from {} networks in the hour from {}, and more than {} are many", rows.count(2), moment_of(hour * 3600), *limit),
             {{"networks", rows.count(2)}, {"limit", *limit}}, {sight::login, sight::send}, {hour, hour + 1});
    }
}

} // namespace

const rule many_networks{{"many-networks", severity::error, true,
                          "An account logs in or sends from more than hour-networks networks in an hour. People have a few: at home, at work, on the way. A password that was sold is used "
                          "from many places at once."},
                         look};

} // namespace vmail::activity
