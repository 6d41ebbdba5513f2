#include <utility>

#include <vmail/error.hpp>

#include <vmail/domain.hpp>
#include <vmail/domain_usage.hpp>
#include <vmail/jobs/import_rooms.hpp>
#include <vmail/naming.hpp>
#include <vmail/quota.hpp>
#include <vmail/schema.hpp>

namespace vmail::jobs {

namespace {

namespace attr = schema::attr;

bool has_limits(const domain& d) { return d.max_mailboxes || d.max_aliases || d.max_quota_mib; }

std::optional<quota> quota_of(const ldap::entry& e) {
    const auto text = e.first(attr::quota);
    if (!text) return std::nullopt;
    try {
        return quota::from_attribute(*text);
    } catch (const invalid_value&) { // counts for nothing to the daemons, too
        return std::nullopt;
    }
}

std::optional<domain_name> domain_of(const ldap::dn& name) {
    const auto text = naming::rdn_value(name, attr::vd);
    if (!text) return std::nullopt;
    try {
        return domain_name::parse(*text);
    } catch (const invalid_value&) { // none of ours
        return std::nullopt;
    }
}

} // namespace

import_rooms::import_rooms(directory& d, std::string token, std::vector<place_claim>& claims, bool is_dry)
    : directory_(d), token_(std::move(token)), is_dry_(is_dry), claims_(is_dry ? nobodys_ : claims) {
    rooms_.emplace(directory_, token_, claims_);
}

std::optional<std::size_t> import_rooms::take(const ldap::entry* before, const ldap::entry& after) {
    const role_addresses& roles = directory_.site().role_addresses;
    const domain_places there = before != nullptr ? places_of(*before, roles) : domain_places{}, more = more_than(there, places_of(after, roles));
    if (more == domain_places{}) return std::nullopt;
    auto* const r = room_of(after.dn().parent());
    if (r == nullptr) return std::nullopt;
    if (after.has_class(schema::cls::account)) domain_rooms::require_finite_quota(*r, quota_of(after));
    rooms_->require(*r, more);
    rooms_->take(*r, more);
    taken_from_.insert(after.dn().parent().key());
    return is_dry_ ? std::nullopt : r->claim;
}

domain_rooms::room* import_rooms::room_of(const ldap::dn& name) {
    if (is_unlimited(name)) return nullptr;
    const auto domain = domain_of(name);
    if (!domain || directory_.site().layout.domain(*domain) != name) return nullptr;
    if (auto* const known = rooms_->find(*domain)) return known;
    if (const auto it = to_come_.find(name.key()); it != to_come_.end()) {
        auto& empty = rooms_->enter({vmail::domain::from_entry(it->second, directory_.site()), it->second});
        empty.there = domain_places{};
        return &empty;
    }
    auto found = directory_.find<vmail::domain>(*domain);
    if (!found) return nullptr; // whatever is to be added there will say so
    if (has_limits(found->value)) return &rooms_->enter(std::move(*found));
    unlimited_.insert(name.key());
    return nullptr;
}

void import_rooms::will_hold(const ldap::entry& e) {
    if (!e.has_class(schema::cls::domain)) return;
    const bool is_limited = e.has(attr::max_mail) || e.has(attr::max_alias) || e.has(attr::max_quota);
    if (!is_limited) unlimited_.insert(e.dn().key());
    else if (is_dry_) to_come_.insert_or_assign(e.dn().key(), e);
}

void import_rooms::start_over() {
    if (is_dry_) return;
    rooms_.emplace(directory_, token_, claims_);
    taken_from_.clear();
}

} // namespace vmail::jobs
