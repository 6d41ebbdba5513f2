#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include <vmail/activity/rules/table.hpp>

namespace vmail::activity {

namespace {

constexpr std::int64_t hours_before = 24, hours_to_know = 7 * 24;

struct guesses {
    std::uint64_t networks = 0, failures = 0;
    std::vector<std::string> from{};
    std::int64_t enough_since = 0; ///< when they were as many as the limit
};

/// From where logins of the account failed, the first ones first.
guesses guesses_at(const outlook& o, std::int64_t account, std::uint64_t limit) {
    auto rows = o.kept.database().prepare("SELECT network, min(first) AS begin, sum(number) FROM sighting WHERE account = ?1 AND kind = ?2 AND hour >= ?3 AND hour < ?4 AND network <> '' "
                                          "GROUP BY network ORDER BY begin");
    rows.bind(1, account).bind(2, static_cast<std::int64_t>(sight::failure)).bind(3, o.span.from - hours_before).bind(4, o.span.to);
    guesses g;
    while (rows.step()) {
        if (++g.networks == limit) g.enough_since = rows.integer(1);
        g.failures += rows.count(2);
        g.from.emplace_back(rows.text(0));
    }
    return g;
}

struct good_login {
    std::string network{};
    std::int64_t first = 0;
};

/// The first from a network that it never came from before that.
std::optional<good_login> new_login(const outlook& o, std::int64_t account, const guesses& g) {
    auto rows = o.kept.database().prepare(fmt::format("SELECT network, min(first) AS begin FROM sighting WHERE account = ?1 AND kind IN ({}, {}) AND network <> '' GROUP BY network ORDER BY begin",
                                                      static_cast<int>(sight::login), static_cast<int>(sight::send)));
    rows.bind(1, account);
    bool is_known = *o.kept.begin() <= hour_of(g.enough_since) - hours_to_know; // else a first login may be one of the years before
    while (rows.step()) {
        good_login found{std::string(rows.text(0)), rows.integer(1)};
        const bool is_late = found.first >= g.enough_since && hour_of(found.first) >= o.span.from && hour_of(found.first) < o.span.to;
        if (is_late && (is_known || std::find(g.from.begin(), g.from.end(), found.network) != g.from.end())) return found;
        is_known = is_known || found.first < g.enough_since;
    }
    return std::nullopt;
}

void look(const outlook& o, const telling& tell) {
    const auto least = o.limits.least(threshold::guess_networks);
    if (!least || !o.kept.begin()) return;
    auto rows = o.kept.database().prepare("SELECT a.name, a.id, count(DISTINCT s.network) AS networks FROM sighting s JOIN account a ON a.id = s.account "
                                          "WHERE s.hour >= ?1 AND s.hour < ?2 AND s.kind = ?3 AND s.network <> '' GROUP BY s.account HAVING networks >= ?4 ORDER BY a.name");
    rows.bind(1, o.span.from - hours_before).bind(2, o.span.to).bind(3, static_cast<std::int64_t>(sight::failure)).bind(4, static_cast<std::int64_t>(*least));
    while (rows.step()) {
        const std::string account(rows.text(0));
        const auto limit = o.limits.of(threshold::guess_networks, account);
        if (!limit || rows.count(2) < std::max<std::uint64_t>(*limit, 1)) continue;
        const auto g = guesses_at(o, rows.integer(1), std::max<std::uint64_t>(*limit, 1));
        const auto login = new_login(o, rows.integer(1), g);
        if (!login) continue;
        tell(account, fmt::format("after {} logins from {} networks had failed, one at {} from {} did not, where it never came from before", g.failures, g.networks, moment_of(login->first), login->network),
             {{"failures", g.failures}, {"networks", g.networks}, {"limit", *limit}}, {sight::login, sight::send, sight::failure}, {o.span.from - hours_before, o.span.to});
    }
}

} // namespace

const rule guessed{{"guessed", severity::error, true,
                    "Within a day logins of an account failed from guess-networks networks or more, and then one was good, from a network that the account never came from before: somebody "
                    "tries passwords, and has found one."},
                   look};

} // namespace vmail::activity
