#include <algorithm>

#include <fmt/format.h>

#include <vmail/activity/rules/table.hpp>

namespace vmail::activity {

namespace {

constexpr std::int64_t day = 86'400;

std::string sql() {
    return "SELECT a.name, sum(c.messages), sum(c.recipients) FROM counts c JOIN account a ON a.id = c.account "
           "WHERE c.hour >= ?1 AND c.hour < ?2 AND c.messages > 0 GROUP BY c.account ORDER BY a.name";
}

/// Of anybody where no name is given; 0: never.
std::int64_t last_read(const store& kept, const std::string* name) {
    auto s = kept.database().prepare(fmt::format("SELECT max(u.moment) FROM last_use u JOIN account a ON a.id = u.account WHERE u.kind = ?1 {}", name != nullptr ? "AND a.name = ?2" : ""));
    s.bind(1, static_cast<std::int64_t>(use::read));
    if (name != nullptr) s.bind(2, *name);
    return s.step() ? s.integer(0) : 0;
}

/// By any of the names that it may log in with, where that matters.
std::int64_t last_read_of(const outlook& o, const std::string& account, std::int64_t since) {
    auto latest = last_read(o.kept, &account);
    const person* const p = latest < since && o.accounts != nullptr ? o.accounts->find(account) : nullptr;
    if (p != nullptr)
        for (const std::string& name : p->names) latest = std::max(latest, last_read(o.kept, &name));
    return latest;
}

void look(const outlook& o, const telling& tell) {
    const auto least = o.limits.least(threshold::unread_days);
    if (!least) return;
    const auto since = [&](std::uint64_t days) { return o.now - static_cast<std::int64_t>(days) * day; };
    if (last_read(o.kept, nullptr) < since(*least)) return tell.skip("no login by IMAP or POP3 is known of anybody: the logs of who writes them are not read");
    const auto begin = o.kept.begin();
    if (!begin || *begin > hour_of(since(*least))) return tell.skip(fmt::format("the store begins at {}, and who has read nothing for {} days is known later", begin ? moment_of(*begin * 3600) : "no time", *least));
    auto rows = asked(o, sql());
    while (rows.step()) {
        const std::string account(rows.text(0));
        const auto days = o.limits.of(threshold::unread_days, account);
        if (!days || *begin > hour_of(since(*days))) continue;
        const auto last = last_read_of(o, account, since(*days));
        if (last >= since(*days)) continue;
        const auto sentence = fmt::format("it sent {} messages to {} recipients, and {}", rows.count(1), rows.count(2),
                                          last == 0 ? std::string("no login by IMAP or POP3 is known of it") : fmt::format("read for the last time at {}", moment_of(last)));
        tell(account, sentence, {{"messages", rows.count(1)}, {"recipients", rows.count(2)}, {"unread_days", *days}}, {sight::send, sight::login}, o.span);
    }
}

} // namespace

const rule sends_unread{{"sends-unread", severity::error, true,
                         "An account sends and has not read its mail by IMAP or POP3 for unread-days. Who sends by mail programs reads as well; who has stolen a password does not care "
                         "for the mail. Programs that only send have a threshold of their own."},
                        look};

} // namespace vmail::activity
