#include <algorithm>
#include <random>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/absent.hpp>
#include <vmail/draft.hpp>
#include <vmail/draft_state.hpp>
#include <vmail/naming.hpp>

namespace vmail {

namespace attr = schema::attr;

namespace {

/// Nobody else's.
std::string random_token() {
    std::random_device random;
    return fmt::format("{:08x}{:08x}", random(), random());
}

draft_options with_token(draft_options o) {
    if (o.token.empty()) o.token = random_token();
    return o;
}

} // namespace

draft::draft(directory& d, draft_options options) : state_(std::make_unique<state>(d, with_token(std::move(options)))) {}
draft::draft(draft&&) noexcept = default;
/// What it has asked for ahead is for nobody else.
draft::~draft() {
    if (state_) state_->session().forget_ahead();
}

directory& draft::where() const noexcept { return state_->directory; }
std::size_t draft::items() const noexcept { return state_->items; }
plan draft::take() && {
    state_->session().forget_ahead();
    return std::move(state_->made);
}

ldap::precondition guard_of(const ldap::entry& e) { return e.has(attr::entry_uuid) ? ldap::precondition::unchanged(e) : ldap::precondition{}; }

/// What needs no request itself is done when its parts are, and unchanged only when they are.
void draft::state::item::put_idle_last() {
    const auto idle = std::stable_partition(changes_.begin(), changes_.end(), [](const planned_change& c) { return c.part || c.fault || !c.requests.empty(); });
    if (idle == changes_.begin()) return;
    std::size_t last = 0;
    for (const planned_change& c : changes_) last = std::max(last, c.stage);
    std::for_each(idle, changes_.end(), [&](planned_change& c) { c.stage = last + 1; });
}

void draft::state::item::commit() {
    put_idle_last();
    std::stable_sort(changes_.begin(), changes_.end(), [](const planned_change& x, const planned_change& y) { return x.stage < y.stage; });
    for (planned_change& c : changes_) {
        c.item = state_.items;
        state_.made.changes.push_back(std::move(c));
    }
    ++state_.items;
    changes_.clear();
}

template <typename Entity> std::optional<stored<Entity>> draft::state::find(const name_of<Entity>& name) {
    const auto it = planned_.find(ascii::to_lower(name.text()));
    if (it == planned_.end()) return directory.find<Entity>(name);
    const auto e = it->second ? std::optional(it->second->unpacked()) : std::nullopt;
    if (!e || !is_a<Entity>(*e)) return std::nullopt;
    return as_stored<Entity>(*e);
}

template <typename Entity> stored<Entity> draft::state::get(const name_of<Entity>& name) {
    auto found = find<Entity>(name);
    if constexpr (std::is_same_v<Entity, domain>)
        if (!found) require_unborne(name);
    if (!found) throw absent<Entity>(layout(), name);
    return std::move(*found);
}

template <typename Entity> std::optional<stored<Entity>> draft::find(const name_of<Entity>& name) { return state_->find<Entity>(name); }
template <typename Entity> stored<Entity> draft::get(const name_of<Entity>& name) { return state_->get<Entity>(name); }

template VMAIL_EXPORT std::optional<stored<domain>> draft::find<domain>(const domain_name&);
template VMAIL_EXPORT std::optional<stored<mailbox>> draft::find<mailbox>(const address&);
template VMAIL_EXPORT std::optional<stored<alias>> draft::find<alias>(const alias_address&);
template VMAIL_EXPORT std::optional<stored<admin>> draft::find<admin>(const admin_name&);
template VMAIL_EXPORT std::optional<stored<backup_domain>> draft::find<backup_domain>(const domain_name&);
template VMAIL_EXPORT std::optional<stored<backup_mail>> draft::find<backup_mail>(const alias_address&);
template VMAIL_EXPORT std::optional<stored<mailing_list>> draft::find<mailing_list>(const address&);
template VMAIL_EXPORT stored<admin> draft::get<admin>(const admin_name&);
template VMAIL_EXPORT stored<alias> draft::get<alias>(const alias_address&);
template VMAIL_EXPORT stored<backup_domain> draft::get<backup_domain>(const domain_name&);
template VMAIL_EXPORT stored<backup_mail> draft::get<backup_mail>(const alias_address&);
template VMAIL_EXPORT stored<domain> draft::get<domain>(const domain_name&);
template VMAIL_EXPORT stored<mailbox> draft::get<mailbox>(const address&);
template VMAIL_EXPORT stored<mailing_list> draft::get<mailing_list>(const address&);

ldap::entry draft::state::as_planned(ldap::entry e) const {
    try {
        const auto it = planned_.find(ascii::to_lower(naming::address_text(e)));
        return it == planned_.end() || !it->second ? e : it->second->unpacked();
    } catch (const invalid_value&) { // it has no address, so nothing is planned for it
        return e;
    }
}

bool draft::state::stays(const ldap::entry& e) const {
    const auto it = planned_.find(ascii::to_lower(naming::subject_of(e)));
    return it == planned_.end() || it->second.has_value();
}

ldap::precondition draft::state::guard_of(const ldap::entry& e) const {
    return e.has(attr::entry_uuid) && !is_planned(naming::subject_of(e)) ? ldap::precondition::unchanged_whole(e) : vmail::guard_of(e);
}

ldap::modify_request draft::state::change_of(const ldap::entry& before, const ldap::entry& after) const {
    auto changes = ldap::diff(before, after);
    std::erase_if(changes, [](const ldap::modification& m) { return m.attribute == attr::last_change; });
    changes.push_back({ldap::change::replace, std::string(attr::last_change), {std::to_string(timestamp::now().epoch())}});
    return {before.dn(), std::move(changes), guard_of(before)};
}

std::optional<ldap::write_request> draft::state::request_for(const ldap::entry& before, const ldap::entry& after) const {
    if (ldap::diff(before, after).empty()) return std::nullopt;
    return change_of(before, after);
}

void draft::state::plan_addition(const std::string& subject, ldap::entry fresh, std::optional<std::size_t> claim, std::vector<sole_value> alone) {
    item one(*this);
    auto& c = one.add(subject, "created");
    c.requests = {ldap::add_request{fresh}};
    c.claim = claim;
    c.alone = std::move(alone);
    c.drastic = false;
    one.commit();
    will_be(subject, std::move(fresh));
}

void draft::fail(std::string subject, const error& why) {
    state::item one(*state_);
    one.add(std::move(subject), "").fault = why;
    one.commit();
}

void draft::leave(std::string subject, std::string why) {
    state::item one(*state_);
    one.add(std::move(subject), "").why = std::move(why);
    one.commit();
}

void draft::attempt(const std::string& subject, const std::function<void()>& act) {
    try {
        act();
    } catch (const error& e) {
        if (!e.session_usable()) throw;
        fail(subject, e);
    }
}

} // namespace vmail
