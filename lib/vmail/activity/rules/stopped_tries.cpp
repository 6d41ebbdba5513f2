#include <fmt/format.h>

#include <vmail/activity/rules/table.hpp>

namespace vmail::activity {

namespace {

struct trial {
    std::string account{};
    std::uint64_t failures = 0, good = 0;
};

std::vector<trial> trials(const outlook& o, std::uint64_t least) {
    // No name of a column is that of a sum: in HAVING the column would come first.
    auto rows = asked(o, "SELECT a.name, sum(c.failures) AS failed, sum(c.logins_imap + c.logins_pop3 + c.logins_sieve + c.logins_submission) AS good FROM counts c JOIN account a ON a.id = c.account "
                         "WHERE c.hour >= ?1 AND c.hour < ?2 GROUP BY c.account HAVING failed + good >= ?3 AND failed + good > 0 ORDER BY a.name");
    rows.bind(3, static_cast<std::int64_t>(least));
    std::vector<trial> all;
    while (rows.step()) all.push_back({std::string(rows.text(0)), rows.count(1), rows.count(2)});
    return all;
}

void look(const outlook& o, const telling& tell) {
    const auto least = o.limits.least(threshold::stopped_tries);
    if (!least) return;
    if (o.accounts == nullptr) return tell.skip("the directory cannot be asked which accounts are stopped");
    const auto all = trials(o, *least);
    std::vector<std::string> names;
    for (const trial& t : all) names.push_back(t.account);
    o.accounts->expect(names);
    for (const trial& t : all) {
        const person* const p = o.accounts->find(t.account);
        const auto limit = o.limits.of(threshold::stopped_tries, t.account);
        if (p == nullptr || !p->is_stopped() || !limit || t.failures + t.good < *limit) continue;
        tell(t.account, fmt::format("it is {}, and {} logins were tried, of which {} were good", p->service.why, t.failures + t.good, t.good),
             {{"failures", t.failures}, {"logins", t.good}, {"limit", *limit}}, {sight::failure, sight::login}, o.span);
    }
}

} // namespace

const rule stopped_tries{{"stopped-tries", severity::warning, false,
                          "Somebody tries to log in to an account that is disabled, expired or removed, stopped-tries times or more: a program that nobody told, or whoever has its password."},
                         look};

} // namespace vmail::activity
