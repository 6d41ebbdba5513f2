#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include <vmail/mail_store/digest.hpp>

#include <vmail/activity/row_writer.hpp>
#include <vmail/activity/store_schema.hpp>

namespace vmail::activity {

namespace {

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::min();

std::string places(std::size_t count) {
    std::string all = "?1";
    for (std::size_t i = 2; i <= count; ++i) all += fmt::format(", ?{}", i);
    return all;
}

std::string counts_sql(joining how) {
    return fmt::format("INSERT INTO counts(hour, account, host, {}) VALUES ({}) ON CONFLICT DO UPDATE SET {}", schema::measures_list(), places(3 + measures),
                       how == joining::added ? schema::added() : schema::raised());
}

/// The reference is that of the first time, and of two that are as early the lesser one: so it makes no difference which comes first.
std::string sighting_sql(joining how) {
    return fmt::format("INSERT INTO sighting(hour, account, kind, network, host, first, last, number, reference) VALUES ({}) ON CONFLICT DO UPDATE SET "
                       "reference = CASE WHEN (excluded.first, excluded.reference) < (first, reference) THEN excluded.reference ELSE reference END, "
                       "first = min(first, excluded.first), last = max(last, excluded.last), number = {}",
                       places(9), how == joining::added ? fmt::format("min(number + excluded.number, {})", most_counted) : "max(number, excluded.number)");
}

constexpr std::string_view use_sql = "INSERT INTO last_use(account, kind, host, moment) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET moment = max(moment, excluded.moment)";

std::int64_t bounded(std::uint64_t n) noexcept { return static_cast<std::int64_t>(std::min(n, most_counted)); }

} // namespace

std::string hash_of(const database& d, std::string_view account) {
    auto salt = d.prepare("SELECT value FROM note WHERE name = 'salt'");
    mail_store::digest digest;
    if (salt.step()) digest.add_field(salt.text(0));
    digest.add_field(account);
    return digest.take();
}

row_writer::row_writer(const database& d, joining how)
    : database_(d), accounts_{d.prepare("INSERT INTO account(name) VALUES (?1) ON CONFLICT DO NOTHING"), d.prepare("SELECT id FROM account WHERE name = ?1")},
      hosts_{d.prepare("INSERT INTO host(name) VALUES (?1) ON CONFLICT DO NOTHING"), d.prepare("SELECT id FROM host WHERE name = ?1")}, counts_(d.prepare(counts_sql(how))),
      sighting_(d.prepare(sighting_sql(how))), use_(d.prepare(use_sql)), first_hour_(std::numeric_limits<std::int64_t>::max()) {
    auto all = d.prepare("SELECT hash, hour FROM forgotten");
    while (all.step()) forgotten_.emplace(all.text(0), all.integer(1));
}

std::int64_t row_writer::names::number_of(const std::string& name) {
    const auto at = known.find(name);
    if (at != known.end()) return at->second;
    insert.bind(1, name).run();
    select.bind(1, name).step();
    const auto number = select.integer(0);
    select.reset();
    known.emplace(name, number);
    return number;
}

bool row_writer::is_forgotten(const std::string& account, std::int64_t hour) {
    if (forgotten_.empty()) return false;
    auto at = until_.find(account);
    if (at == until_.end()) {
        const auto found = forgotten_.find(hash_of(database_, account));
        at = until_.emplace(account, found == forgotten_.end() ? never : found->second).first;
    }
    return hour <= at->second;
}

void row_writer::write(const count_row& r) {
    if (is_forgotten(r.of.account, r.of.hour)) return;
    counts_.bind(1, r.of.hour).bind(2, accounts_.number_of(r.of.account)).bind(3, hosts_.number_of(r.of.host));
    for (std::size_t i = 0; i < measures; ++i) counts_.bind(static_cast<int>(4 + i), bounded(r.counts.numbers[i]));
    counts_.run();
    first_hour_ = std::min(first_hour_, r.of.hour);
}

void row_writer::write(const sighting& r) {
    if (is_forgotten(r.of.account, r.of.hour)) return;
    sighting_.bind(1, r.of.hour).bind(2, accounts_.number_of(r.of.account)).bind(3, static_cast<std::int64_t>(r.kind)).bind(4, r.network).bind(5, hosts_.number_of(r.of.host));
    sighting_.bind(6, r.first).bind(7, r.last).bind(8, bounded(r.number)).bind(9, r.reference).run();
}

void row_writer::write(const last_use& r) {
    if (is_forgotten(r.account, hour_of(r.when))) return;
    use_.bind(1, accounts_.number_of(r.account)).bind(2, static_cast<std::int64_t>(r.kind)).bind(3, hosts_.number_of(r.host)).bind(4, r.when).run();
}

} // namespace vmail::activity
