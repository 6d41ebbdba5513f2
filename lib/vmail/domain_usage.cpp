#include <algorithm>
#include <charconv>
#include <chrono>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>

#include <vmail/domain_usage.hpp>
#include <vmail/naming.hpp>
#include <vmail/quota.hpp>
#include <vmail/schema.hpp>

namespace vmail {

namespace attr = schema::attr;
namespace cls = schema::cls;

namespace {

using std::chrono::minutes;

constexpr minutes longest_reservation{15};
/// A clock may be wrong by as much; what is dated later would count for ever.
constexpr std::chrono::hours furthest_ahead{24};
std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(' ', begin), text.size());
        words.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return words;
}

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::uint64_t quota_of(const ldap::entry& e) {
    const auto text = e.first(attr::quota);
    if (!text) return 0;
    try {
        return quota::from_attribute(*text).bytes().value_or(0);
    } catch (const invalid_value&) { // counts for nothing to the daemons, too
        return 0;
    }
}

limit_exceeded full(const domain& d, const std::string& why, remedy to_do) {
    return limit_exceeded(fmt::format("the domain {} is full: {}", d.name.text(), why), {.remedy = to_do, .subject = d.name.text()});
}

} // namespace

domain_places& domain_places::operator+=(const domain_places& other) noexcept {
    mailboxes = add_saturating(mailboxes, other.mailboxes);
    aliases = add_saturating(aliases, other.aliases);
    quota_bytes = add_saturating(quota_bytes, other.quota_bytes);
    return *this;
}

std::optional<reservation> reservation::parse(std::string_view text) {
    const auto words = words_of(text);
    if (words.size() != 5) return std::nullopt;
    const auto mailboxes = number(words[2]), aliases = number(words[3]), bytes = number(words[4]);
    if (!mailboxes || !aliases || !bytes) return std::nullopt;
    try {
        return reservation{timestamp::parse_digits(words[0]), std::string(words[1]), {*mailboxes, *aliases, *bytes}};
    } catch (const invalid_value&) {
        return std::nullopt;
    }
}

std::string reservation::text() const {
    return fmt::format("{} {} {} {} {}", made.digits(), token, places.mailboxes, places.aliases, places.quota_bytes);
}

bool reservation::is_stale(timestamp now) const noexcept {
    return made.instant() + longest_reservation < now.instant() || made.instant() > now.instant() + furthest_ahead;
}

reservations reservations::of(const ldap::entry& domain, std::string_view own_token, timestamp now) {
    reservations found;
    const auto* const values = domain.find(attr::reservation);
    for (const std::string& text : values != nullptr ? *values : std::vector<std::string>{}) {
        auto r = reservation::parse(text);
        if (r && !r->is_stale(now) && r->token != own_token) found.standing.push_back(std::move(*r));
        else found.obsolete.push_back(text);
    }
    return found;
}

domain_places places_of(const ldap::entry& e, const role_addresses& roles) {
    if (e.first(attr::delete_) == "TRUE") return {};
    if (e.has_class(cls::account)) return {.mailboxes = 1, .quota_bytes = quota_of(e)};
    if (!e.has_class(cls::alias)) return {};
    const std::string mail = e.first(attr::mail).value_or("");
    return {.aliases = roles.has(std::string_view(mail).substr(0, mail.find('@'))) ? 0U : 1U};
}

domain_places more_than(const domain_places& before, const domain_places& after) noexcept {
    const auto more = [](std::uint64_t a, std::uint64_t b) { return b > a ? b - a : 0; };
    return {more(before.mailboxes, after.mailboxes), more(before.aliases, after.aliases), more(before.quota_bytes, after.quota_bytes)};
}

domain_places set_aside_by_others(const ldap::entry& d, std::string_view own_token, timestamp now) {
    domain_places all;
    for (const reservation& r : reservations::of(d, own_token, now).standing) all += r.places;
    return all;
}

domain_places count_places(ldap::session& s, const ldap::entry& d, const role_addresses& roles) {
    domain_places all;
    s.for_each({d.dn(), ldap::scope::children, naming::mailbox_or_alias(),
                {std::string(attr::object_class), std::string(attr::mail), std::string(attr::quota), std::string(attr::delete_)}},
               [&](ldap::entry&& e) { all += places_of(e, roles); });
    return all;
}

std::optional<limit_exceeded> shortage(const domain& d, const domain_places& there, const domain_places& more) {
    domain_places then = there;
    then += more;
    if (d.max_mailboxes && more.mailboxes > 0 && then.mailboxes > *d.max_mailboxes)
        return full(d, fmt::format("its limit is {} {}", *d.max_mailboxes, *d.max_mailboxes == 1 ? "mailbox" : "mailboxes"), remedy::raise_limit_mailboxes);
    if (d.max_aliases && more.aliases > 0 && then.aliases > *d.max_aliases)
        return full(d, fmt::format("its limit is {} {}", *d.max_aliases, *d.max_aliases == 1 ? "alias" : "aliases"), remedy::raise_limit_aliases);
    if (d.max_quota_mib && more.quota_bytes > 0 && then.quota_bytes > mib_to_bytes(*d.max_quota_mib))
        return full(d, fmt::format("its mailboxes would have {} MiB together, and share {}", bytes_to_mib(then.quota_bytes), *d.max_quota_mib),
                    remedy::raise_limit_quota);
    return std::nullopt;
}

void require_room(const domain& d, const domain_places& there, const domain_places& more) {
    if (const auto short_of = shortage(d, there, more)) throw *short_of;
}

} // namespace vmail
