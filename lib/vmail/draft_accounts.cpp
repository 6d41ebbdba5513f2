#include <algorithm>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/draft_state.hpp>
#include <vmail/extension.hpp>
#include <vmail/list_shape.hpp>
#include <vmail/naming.hpp>
#include <vmail/references.hpp>
#include <vmail/rivals.hpp>
#include <vmail/service.hpp>
#include <vmail/standing.hpp>

namespace vmail {

namespace attr = schema::attr;

namespace {

/// What was not there before.
std::vector<maildrop> fresh_of(const std::vector<maildrop>& now, const std::vector<maildrop>& before) {
    std::vector<maildrop> fresh;
    std::copy_if(now.begin(), now.end(), std::back_inserter(fresh), [&](const maildrop& t) { return std::find(before.begin(), before.end(), t) == before.end(); });
    return fresh;
}

void check_forward(draft::state& s, const mailbox& m, const forward& before = {}) {
    if (!m.forward.active || m.forward == before) return;
    if (m.forward.elsewhere(m.address).empty())
        throw invalid_value(fmt::format("the forward of {} has no other target than the mailbox itself", m.address.text()));
    s.check_route(m.address, m.forward.targets, before.active ? fresh_of(m.forward.targets, before.targets) : m.forward.targets);
}

void check_targets(draft::state& s, const alias& a, const std::vector<maildrop>& before = {}) {
    if (a.targets.empty()) throw invalid_value(fmt::format("the alias {} has no target", a.address.text()));
    if (a.targets == before) return;
    const bool to_itself = std::any_of(a.targets.begin(), a.targets.end(), [&](const maildrop& t) { return t.key() == a.address.key(); });
    if (to_itself) throw invalid_value(fmt::format("the alias {} cannot be sent to itself", a.address.text()));
    s.check_route(a.address, a.targets, fresh_of(a.targets, before));
}

/// Elsewhere it means any address, and here it would be one that nobody writes to.
void refuse_star(const alias_address& a) {
    if (a.local_part() == "*")
        throw invalid_value(fmt::format("{} is an address with a star, and gets no other mail: what all addresses of a domain fall back on is @{}", a.text(), a.domain().text()));
}

/// A filter that asks for an attribute which the server does not know lets nobody through, so that half of it would be worse than none.
void require_switches(draft::state& s, const mailbox& m) {
    if (m.may_log_in && m.may_receive) return;
    for (const auto name : {attr::may_log_in, attr::may_receive}) s.require_own_attribute(name, fmt::format("what {} may not do", m.address.text()));
}

void require_place_for_limits(draft::state& s, const mailbox& m) {
    if (m.send_limits) s.require_own_attribute(attr::send_limit, fmt::format("how much {} may send", m.address.text()));
}

void require_policy(draft::state& s, const mailbox& m) {
    if (m.must_change_password.value_or(false)) s.directory.require_password_policy(fmt::format("have the password of {} changed", m.address.text()));
}

std::uint64_t bytes_of(const mailbox& m) { return m.quota ? m.quota->bytes().value_or(0) : 0; }

/// What a mailbox takes of its domain's limits.
domain_places places_of(const mailbox& m) {
    if (m.removed) return {};
    return {.mailboxes = 1, .quota_bytes = bytes_of(m)};
}

domain_places places_of(const alias& a, const site& s) { return {.aliases = s.role_addresses.has(a.address.local_part()) ? 0U : 1U}; }

/// Nothing can refuse it any more: its places are taken, and it is in the plan.
void plan_addition(draft::state& s, domain_rooms::room& r, const domain_places& places, const std::string& address, ldap::entry fresh, std::vector<sole_value> alone = {}) {
    s.rooms.take(r, places);
    s.plan_addition(address, std::move(fresh), r.claim, std::move(alone));
}

} // namespace

mailbox draft::add(const mailbox& wanted) {
    auto& s = *state_;
    refuse_star(wanted.address);
    require_own_name(wanted.address, s.site());
    require_no_route(wanted.address);
    mailbox m = wanted;
    auto& r = s.require_domain(m.address.domain());
    s.note_stopped_domain(m);
    s.require_free(m.address);
    check_forward(s, m);
    require_switches(s, m);
    require_place_for_limits(s, m);
    s.require_known(m.other);
    if (!m.quota) m.quota = r.domain->default_quota;
    require_policy(s, m);
    domain_rooms::require_finite_quota(r, m.quota);
    s.rooms.require(r, places_of(m));
    if (m.path.empty()) m.path = s.choose_path(m);
    else s.require_path_free(m);
    ldap::entry fresh;
    fresh.set(attr::uid, s.choose_login(m.address));
    m.to_entry(fresh, s.site());
    s.settle_vacation(m, fresh);
    s.settle_waiting(m.vacation, {}, fresh);

    auto alone = sole_values_of({}, fresh, wanted.path.empty() ? sole_value::kind::folder : sole_value::kind::chosen_folder);
    plan_addition(s, r, places_of(m), m.address.text(), std::move(fresh), std::move(alone));
    return m;
}

alias draft::add(const alias& a) {
    auto& s = *state_;
    refuse_star(a.address);
    require_no_route(a.address);
    auto& r = s.require_domain(a.address.domain());
    s.note_stopped_domain(a);
    s.require_free(a.address);
    check_targets(s, a);
    s.require_known(a.other);
    s.rooms.require(r, places_of(a, s.site()));
    ldap::entry fresh;
    a.to_entry(fresh, s.site());

    plan_addition(s, r, places_of(a, s.site()), a.address.text(), std::move(fresh));
    return a;
}

namespace {

/// What an update of a mailbox has to keep to, and what it takes of the domain's limits.
struct update_rules {
    draft::state& s;
    std::optional<std::size_t> claim{};

    void apply(const stored<mailbox>& m) {
        s.require_known(m->other);
        const mailbox before = mailbox::from_entry(m.source, s.site());
        check_forward(s, m.value, before.forward);
        if (m->may_log_in != before.may_log_in || m->may_receive != before.may_receive) require_switches(s, m.value);
        if (m->send_limits != before.send_limits) require_place_for_limits(s, m.value);
        if (m->must_change_password != before.must_change_password) require_policy(s, m.value);
        if (m->path != before.path && !m->path.empty()) s.require_path_free(m.value, m.source.first(attr::entry_uuid).value_or(""));
        const domain_places more = more_than(places_of(before), places_of(m.value));
        const bool same_quota = m->quota == before.quota && more == domain_places{};
        if (same_quota) return m->quota ? s.return_places(m->address.domain()) : void();
        auto& r = s.require_domain(m->address.domain());
        domain_rooms::require_finite_quota(r, m->quota);
        s.rooms.require(r, more);
        s.rooms.take(r, more);
        claim = more == domain_places{} ? std::nullopt : r.claim;
    }
    void apply(const stored<alias>& a) {
        s.require_known(a->other);
        check_targets(s, a.value, alias::from_entry(a.source, s.site()).targets);
    }
    template <typename Entity> void apply(const stored<Entity>& e) { s.require_known(e->other); }
    void apply(const stored<admin>& a) { s.require_fit(a.value, admin::from_entry(a.source, s.site())); }
};

} // namespace

namespace {

bool works(const entry_state& e) { return e.active && !e.removed; }

void note_circle(draft::state& s, const mailbox& m) {
    if (m.forward.active) s.note_circle(m.address, m.forward.targets);
}
void note_circle(draft::state& s, const alias& a) { s.note_circle(a.address, a.targets); }

/// Of what lies in a domain of ours. While it was away others may have been led to it.
template <typename Entity> void note_return(draft::state& s, const stored<Entity>& e) {
    if constexpr (requires { s.note_stopped_domain(e.value); }) {
        if (!works(e.value) || works(Entity::from_entry(e.source, s.site()))) return;
        s.note_stopped_domain(e.value);
        note_circle(s, e.value);
    }
}

} // namespace

template <typename Entity> void draft::update(const stored<Entity>& e, std::string action, std::string why) {
    auto& s = *state_;
    update_rules rules{s};
    rules.apply(e);
    note_return(s, e);
    ldap::entry after = s.goal_of(e);
    state::item one(s);
    auto& c = one.add(text_of(e.value), std::move(action));
    c.why = std::move(why);
    c.claim = rules.claim;
    if constexpr (std::is_same_v<Entity, mailbox>) c.alone = sole_values_of(e.source, after, sole_value::kind::chosen_folder);
    if (auto request = s.request_for(e.source, after)) c.requests.push_back(std::move(*request));
    one.commit();
    s.will_be(text_of(e.value), std::move(after));
}

void draft::take_back(const stored<mailbox>& now, ldap::entry then, std::string action) {
    auto& s = *state_;
    for (const std::string_view kept : {attr::entry_uuid, attr::entry_csn, attr::last_change}) then.set(kept, now.source.first(kept).value_or(""));
    const stored<mailbox> goal{mailbox::from_entry(then, s.site()), now.source};
    update_rules rules{s};
    rules.apply(goal);
    note_return(s, goal);
    state::item one(s);
    auto& c = one.add(text_of(goal.value), std::move(action));
    c.claim = rules.claim;
    c.alone = sole_values_of(now.source, then, sole_value::kind::chosen_folder);
    if (auto request = s.request_for(now.source, then)) c.requests.push_back(std::move(*request));
    one.commit();
    s.will_be(text_of(goal.value), std::move(then));
}

template VMAIL_EXPORT void draft::update(const stored<domain>&, std::string, std::string);
template VMAIL_EXPORT void draft::update(const stored<mailbox>&, std::string, std::string);
template VMAIL_EXPORT void draft::update(const stored<alias>&, std::string, std::string);
template VMAIL_EXPORT void draft::update(const stored<admin>&, std::string, std::string);
template VMAIL_EXPORT void draft::update(const stored<backup_domain>&, std::string, std::string);
template VMAIL_EXPORT void draft::update(const stored<backup_mail>&, std::string, std::string);

namespace {

template <typename Entity>
void plan_unlocking(draft::state& s, const stored<Entity>& e) {
    const std::string name = text_of(e.value);
    s.directory.require_password_policy("unlock " + name);
    const auto seen = s.session().get(e.source.dn(), {std::string(attr::pwd_account_locked_time)});
    ldap::entry locked = e.source, after = e.source;
    if (const auto* const lock = seen.find(attr::pwd_account_locked_time)) locked.set(attr::pwd_account_locked_time, *lock);
    after.erase(attr::pwd_account_locked_time);
    draft::state::item one(s);
    auto& c = one.add(name, "unlocked");
    if (auto request = s.request_for(locked, after)) {
        ldap::guard_of(*request)->as_read = nullptr; // the lock is no part of what anybody puts back
        c.requests.push_back(std::move(*request));
    }
    one.commit();
}

} // namespace

void draft::unlock(const stored<mailbox>& m) { plan_unlocking(*state_, m); }
void draft::unlock(const stored<admin>& a) { plan_unlocking(*state_, a); }

namespace {

/// An entry goes, and what leads to it: before it, as far as that is wanted, or told.
class removal {
public:
    removal(draft::state& s, bool references) : state_(s), references_(references), item_(s) {}

    /// Nothing is sent to a catch-all itself.
    void look_after_references(const ldap::entry& gone, const std::string& text) {
        if (!text.starts_with('@')) look_after_references(gone, address::parse(text));
    }

    void plan(const ldap::entry& gone, const std::string& text) {
        look_after_references(gone, text);
        look_after_other_addresses(gone, text);
        if (!item_.empty()) ++stage_;
        auto& c = item_.add(text, "removed");
        c.stage = stage_;
        take_away(c, gone, text);
        item_.commit();
    }

    void plan(const stored<mailing_list>& l) {
        require_whole(l->address);
        for (const stored<alias>& e : l->entries) look_after_references(e.source, e->address.text());
        if (!item_.empty()) ++stage_;
        // Nobody writes to a list whose bounces have nowhere to go.
        auto& c = item_.add(l->address.text(), "removed");
        c.stage = stage_;
        if (l->has_public_address) take_away(c, l->entries.front().source, l->address.text());
        for (const stored<alias>& e : l->entries)
            if (!(e->address == alias_address(l->address))) take_away(item_.add_part(e->address.text(), "removed", stage_ + 1), e.source, e->address.text());
        item_.commit();
    }

private:
    /// In the middle of a rename what leads to it has the old one still. What is named by one itself is another entry.
    void look_after_other_addresses(const ldap::entry& gone, const std::string& text) {
        const auto* const values = gone.find(schema::attr::mail);
        for (const std::string& v : values != nullptr && gone.has_class(schema::cls::account) ? *values : std::vector<std::string>{}) {
            if (ascii::iequals(v, text)) continue;
            try {
                const auto other = address::parse(v);
                if (!state_.session().find(state_.layout().mailbox(other), ldap::no_attributes())) look_after_references(gone, other);
            } catch (const invalid_value&) { // nobody's
            }
        }
    }

    /// Of a list that is being renamed each name has a part.
    void require_whole(const address& list) {
        for (const auto& [text, e] : state_.entries_of_list(list))
            if (e.has_class(schema::cls::alias)) state_.require_one_address(e, [](const alias_address&) { return false; });
    }

    void take_away(planned_change& c, const ldap::entry& gone, const std::string& text) {
        for (auto& request : state_.requests_to_remove(gone)) c.requests.push_back(std::move(request));
        state_.will_be(text, std::nullopt);
    }

    void look_after_references(const ldap::entry& gone, const address& a) {
        note_owned_lists(gone, a);
        state_.note_administrators(a);
        // Only telling of them must not cost a look at all entries for each that goes.
        for (const ldap::entry& found : references_ ? find_all_references(state_.session(), state_.site(), a) : state_.extended.find_all(a)) {
            const ldap::entry e = state_.as_planned(found);
            if (e.dn() == gone.dn() || !still_sends(e, found, a)) continue;
            if (references_) take_away(e, a);
            else state_.made.notices.push_back(notice_of(e, a));
        }
    }

    /// By what is planned meanwhile.
    bool still_sends(const ldap::entry& planned, const ldap::entry& found, const address& a) const {
        const bool is_marked = planned.first(attr::delete_) == "TRUE" && found.first(attr::delete_) != "TRUE";
        return state_.stays(found) && !is_marked && readdressing::of(a, a, state_.site()).concerns(planned);
    }

    /// A list without anybody to ask is one all the same: its owners are left to people.
    void note_owned_lists(const ldap::entry& gone, const address& a) {
        for (const ldap::entry& list : state_.owned.find_all(a))
            if (!(list.dn() == gone.dn()) && state_.stays(list)) state_.made.notices.push_back(notice_of_owner(list, a));
    }

    void take_away(const ldap::entry& e, const address& target) {
        const std::string name = naming::subject_of(e);
        ldap::entry after = readdressing::of(target, target, state_.site()).without(e);
        const bool leads_nowhere = !after.has(attr::maildrop) && e.has_class(schema::cls::alias);
        if (leads_nowhere && admin::is(e)) return keep_administrator(name, target);
        if (leads_nowhere) return take_along(e, name, target);
        if (!after.has(attr::maildrop) && after.has(attr::forward_active)) after.set(attr::forward_active, "FALSE");
        state_.made.notices.push_back({target.text(), fmt::format("{} will send no more mail to {}", printable(name), printable(target.text()))});
        item_.add_part(name, "changed", stage_).requests = {state_.change_of(e, after)};
        state_.will_be(name, after);
        note_circle(after);
    }

    void note_circle(const ldap::entry& e) {
        if (!e.has_class(schema::cls::alias)) return;
        const auto a = state_.as_stored<alias>(e);
        state_.note_circle(a->value.address, a->value.targets);
    }

    /// With postmaster@ would go who runs the domain, and whoever may not read its password does not even see that.
    void keep_administrator(const std::string& name, const address& target) {
        state_.made.notices.push_back({target.text(), fmt::format("{} sends mail to {} alone, and stays as it is: it may be who administers its domain, and is to be led elsewhere or removed by itself",
                                                                  printable(name), printable(target.text()))});
    }

    /// An alias that leads nowhere is none, and what leads to it alone neither.
    void take_along(const ldap::entry& e, const std::string& name, const address& target) {
        state_.made.notices.push_back({target.text(), fmt::format("{} sends mail to {} alone, and goes with it", printable(name), printable(target.text()))});
        const std::size_t before = item_.size();
        look_after_references(e, name);
        if (item_.size() > before) ++stage_;
        take_away(item_.add_part(name, "removed", stage_), e, name);
    }

    draft::state& state_;
    bool references_;
    std::size_t stage_ = 0;
    draft::state::item item_;
};

/// An address that goes alone, and leaves its list behind.
void note_list_of(draft::state& s, const alias& a) {
    if (!mailing_list::lists_domain_of(a)) return;
    const std::string& local = a.address.local_part();
    const auto suffix = list_shape::suffix_of(local);
    const auto name = address::make(suffix ? local.substr(0, local.size() - suffix->size()) : local, a.address.domain());
    const auto list = s.find<mailing_list>(name);
    if (!list || !list->value.has_public_address) return;
    const std::string text = printable(name.text());
    s.made.notices.push_back({a.address.text(), suffix ? fmt::format("{} is an address of the mailing list {}, which is not whole without it", printable(a.address.text()), text)
                                                       : fmt::format("{} is a mailing list, whose service addresses stay", text)});
}

} // namespace

bool draft::state::is_administrator() {
    if (!is_administrator_) is_administrator_ = standing_of(session(), site()).kind == standing::kind::administrator;
    return *is_administrator_;
}

std::vector<ldap::write_request> draft::state::requests_to_remove(const ldap::entry& gone) {
    std::vector<ldap::write_request> requests;
    ldap::entry marked = gone;
    if (must_mark()) mark_removed(marked);
    if (auto request = request_for(gone, marked)) requests.push_back(std::move(*request));
    requests.emplace_back(ldap::delete_request{gone.dn(), guard_of(gone)});
    return requests;
}

void draft::state::mark_removed(ldap::entry& e) {
    if (e.has_class(schema::cls::account)) return e.set(attr::delete_, "TRUE");
    if (!directory.records_reasons()) return;
    e.add_class(schema::cls::state);
    e.set(attr::disabled_reason, std::string(reason::removed));
}

void draft::remove(const stored<mailbox>& m, bool references) { removal(*state_, references).plan(m.source, m->address.text()); }
void draft::note_references(const stored<mailbox>& m) { removal(*state_, false).look_after_references(m.source, m->address.text()); }
void draft::note_references(const stored<alias>& a) { removal(*state_, false).look_after_references(a.source, a->address.text()); }
void draft::remove(const stored<alias>& a, bool references) {
    note_list_of(*state_, a.value);
    removal(*state_, references).plan(a.source, a->address.text());
}
void draft::remove(const stored<mailing_list>& l, bool references) { removal(*state_, references).plan(l); }

} // namespace vmail
