#include <fmt/format.h>

#include <vmail/activity/rules/table.hpp>

namespace vmail::activity {

namespace {

/// A list that was kept well loses a few of its recipients; one that was bought, more than one in ten.
constexpr std::uint64_t one_in = 10;

void look(const outlook& o, const telling& tell) {
    const auto least = o.limits.least(threshold::bounces);
    if (!least) return;
    auto rows = asked(o, "SELECT a.name, sum(c.bounced), sum(c.rejected), sum(c.recipients), sum(c.bounced) + sum(c.rejected) AS lost FROM counts c JOIN account a ON a.id = c.account "
                         "WHERE c.hour >= ?1 AND c.hour < ?2 GROUP BY c.account HAVING lost > ?3 ORDER BY a.name");
    rows.bind(3, static_cast<std::int64_t>(*least));
    while (rows.step()) {
        const std::string account(rows.text(0));
        const auto bounced = rows.count(1), rejected = rows.count(2), recipients = rows.count(3), lost = rows.count(4);
        const auto limit = o.limits.of(threshold::bounces, account);
        if (!limit || lost <= *limit || lost * one_in < recipients + rejected) continue;
        tell(account, fmt::format("of {} recipients {} were not reached, and {} more were not taken", recipients, bounced, rejected),
             {{"bounced", bounced}, {"rejected", rejected}, {"recipients", recipients}, {"limit", *limit}}, {sight::bounce, sight::rejection}, o.span);
    }
}

} // namespace

const rule many_bounces{{"many-bounces", severity::warning, false,
                         "More than bounces of an account's recipients were not reached or not taken, and that is one in ten of all or more: its addresses are old, bought or guessed, or others "
                         "take its mail for spam."},
                        look};

} // namespace vmail::activity
