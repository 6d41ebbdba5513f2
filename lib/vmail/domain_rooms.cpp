#include <utility>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/timestamp.hpp>

#include <vmail/domain_rooms.hpp>
#include <vmail/schema.hpp>

namespace vmail {

namespace attr = schema::attr;

domain_rooms::room* domain_rooms::find(const domain_name& name) {
    const auto it = rooms_.find(name.text());
    return it == rooms_.end() ? nullptr : &it->second;
}

domain_rooms::room& domain_rooms::enter(stored<domain> d) {
    const std::string name = d->name.text();
    room& r = rooms_.try_emplace(name, room{std::move(d)}).first->second;
    if (!reservations::of(r.domain.source, token_, timestamp::now()).obsolete.empty()) claim_in(r);
    return r;
}

void domain_rooms::require_finite_quota(const room& r, const std::optional<quota>& q) {
    const domain& d = r.domain.value;
    if (d.max_quota_mib && (!q || !q->bytes()))
        throw limit_exceeded(fmt::format("the mailboxes of {} share {} MiB: a mailbox in it needs a quota in bytes", d.name.text(), *d.max_quota_mib),
                             {.dn = r.domain.source.dn().text(), .remedy = remedy::give_quota, .subject = d.name.text()});
}

void domain_rooms::require(room& r, const domain_places& more) {
    const domain& d = r.domain.value;
    if (!(d.max_mailboxes && more.mailboxes) && !(d.max_aliases && more.aliases) && !(d.max_quota_mib && more.quota_bytes)) return;
    if (!r.there) r.there = count(r.domain.source);
    vmail::require_room(d, *r.there, more);
}

/// In one that the plan makes there is nothing yet.
domain_places domain_rooms::count(const ldap::entry& d) const {
    return d.has(attr::entry_uuid) ? count_places(directory_.session(), d, directory_.site().role_addresses) : domain_places{};
}

void domain_rooms::take(room& r, const domain_places& more) {
    if (!r.there) return;
    *r.there += more;
    claim_in(r).places += more;
}

place_claim& domain_rooms::claim_in(room& r) {
    if (r.claim) return claims_[*r.claim];
    r.claim = claims_.size();
    const ldap::entry& e = r.domain.source;
    return claims_.emplace_back(place_claim{.domain = r.domain->name,
                                            .entry_uuid = e.first(attr::entry_uuid).value_or(""),
                                            .entry_csn = e.first(attr::entry_csn).value_or(""),
                                            .token = token_});
}

} // namespace vmail
