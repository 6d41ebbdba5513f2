#include <algorithm>

#include <fmt/format.h>

#include <vmail/error.hpp>

#include <vmail/draft_second_address.hpp>
#include <vmail/draft_state.hpp>
#include <vmail/extension.hpp>
#include <vmail/list_shape.hpp>
#include <vmail/naming.hpp>
#include <vmail/references.hpp>
#include <vmail/service_change.hpp>

namespace vmail {

namespace attr = schema::attr;

namespace {

constexpr std::size_t new_name = 0, led_over = 1, old_name_goes = 2;

/// An entry that is named by a third address is on its way there, and would end with one address too many.
void refuse_other_rename(const ldap::entry& e, const address& from, const address& to) {
    const auto name = naming::rdn_value(e, attr::mail);
    if (!name || ascii::iequals(*name, from.text()) || ascii::iequals(*name, to.text())) return;
    throw conflict(fmt::format("{} is being renamed to {}, or is another address of it", from.text(), printable(*name)),
                   {.dn = e.dn().text(), .hint = "give it that address first, then the other one"});
}

/// One mailbox on its way to another address.
class mailbox_renaming {
public:
    mailbox_renaming(draft::state& s, stored<mailbox> m, const address& from, const address& to)
        : state_(s), mailbox_(std::move(m)), from_(from), to_(to), item_(s), name_(new_name_of(mailbox_.source, from, to, s.layout())),
          both_(with_second_address(mailbox_.source, name_, to.text())) {}

    bool is_begun() const { return naming::holds(mailbox_.source, attr::mail, to_.text()); }

    void plan(const rename_options& options) {
        auto& there = state_.require_domain(to_.domain(), is_begun());
        std::optional<std::size_t> claim;
        if (!is_begun()) claim = check_target(there);
        if (auto requests = requests_for_second_address(mailbox_.source, name_, to_.text(), state_.guard_of(mailbox_.source)); !requests.empty()) {
            auto& c = item_.add_part(from_.text(), "moved", new_name);
            c.requests = std::move(requests);
            c.claim = claim;
        }
        lead_over();
        if (options.keep_alias) keep_alias();
        finish();
    }

private:
    std::optional<std::size_t> check_target(domain_rooms::room& r) {
        require_own_name(to_, state_.site());
        require_no_route(to_);
        state_.require_free(to_);
        if (mailbox_->forward.active) state_.require_no_circle(to_, targets_to_be());
        if (from_.domain() == to_.domain()) return std::nullopt;
        domain_places more{.mailboxes = mailbox_->removed ? 0U : 1U, .quota_bytes = mailbox_->quota ? mailbox_->quota->bytes().value_or(0) : 0};
        domain_rooms::require_finite_quota(r, mailbox_->quota);
        state_.rooms.require(r, more);
        state_.rooms.take(r, more);
        return r.claim;
    }

    /// A kept copy goes to the new address.
    std::vector<maildrop> targets_to_be() const {
        std::vector<maildrop> targets = mailbox_->forward.targets;
        std::replace(targets.begin(), targets.end(), maildrop(from_), maildrop(to_));
        return targets;
    }

    void lead_over() {
        state_.lead_over(item_, from_, to_, led_over,
                         [&](const ldap::entry& e) { return e.first(attr::entry_uuid) == mailbox_.source.first(attr::entry_uuid); });
    }

    void keep_alias() {
        state_.require_domain(from_.domain(), is_begun());
        if (!state_.directory.find<alias>(from_)) state_.keep_as_alias(item_, from_, to_, led_over, is_begun()); // or an earlier run did
    }

    /// What stops and comes back with its domain does so with the new one.
    ldap::entry in_new_domain(const ldap::entry& e) {
        if (from_.domain() == to_.domain() || mailbox_->removed) return e;
        auto m = *state_.as_stored<mailbox>(e);
        const service_change service(state_.directory);
        const bool is_served = state_.is_in_service(to_.domain());
        if (is_served && m->disabled.reason == reason::domain) service.enable(m.value);
        if (!is_served && m->active) stop(m.value, service);
        return state_.goal_of(m);
    }

    void stop(mailbox& m, const service_change& service) {
        if (!state_.directory.records_reasons()) return state_.note_stopped_domain(m);
        service.disable(m, reason::domain);
        state_.made.notices.push_back({m.address.text(), fmt::format("{} is disabled with its domain, and comes back when {} is enabled", printable(m.address.text()), to_.domain().text())});
    }

    void finish() {
        ldap::entry after = in_new_domain(readdressing::of(from_, to_, state_.site()).lead_over(without_old_address(both_, from_, to_, state_)));
        auto& c = item_.add(from_.text(), "renamed");
        c.why = "to " + to_.text();
        c.stage = old_name_goes;
        c.requests = {state_.change_of(both_, after)};
        item_.commit();
        state_.will_be(to_.text(), std::move(after));
    }

    draft::state& state_;
    stored<mailbox> mailbox_;
    address from_, to_;
    draft::state::item item_;
    ldap::dn name_;
    ldap::entry both_;
};

} // namespace

namespace {

/// One request: the server takes the new spelling of the same name for what the old one was.
void respell(draft::state& s, const stored<mailbox>& m, const address& to) {
    ldap::entry after = m.source;
    after.set_dn(m.source.dn().parent().child(attr::mail, to.text()));
    draft::state::item one(s);
    auto& c = one.add(m->address.text(), "renamed");
    c.why = "to " + to.text();
    c.requests = {ldap::rename_request{m.source.dn(), after.dn(), s.guard_of(m.source), false}};
    one.commit();
    s.will_be(to.text(), std::move(after));
}

/// A person who gives the same command again wants to know that it was done.
stored<mailbox> renamed_one(draft::state& s, const address& from, const address& to) {
    if (auto found = s.find<mailbox>(from)) return std::move(*found);
    const bool seems_done = s.find<mailbox>(to).has_value();
    throw not_found(fmt::format("there is no mailbox {}{}", from.text(), seems_done ? fmt::format(", but there is {}: it may have been renamed already", to.text()) : ""),
                    {.dn = s.layout().mailbox(from).text()});
}

/// Of what is named by its address.
bool is_spelled_otherwise(const ldap::entry& e, const address& a) {
    const auto mail = naming::rdn_value(e, attr::mail);
    return mail && *mail != a.text();
}

} // namespace

void draft::rename(const address& from, const address& to, const rename_options& options) {
    auto& s = *state_;
    s.return_places(to.domain());
    auto m = renamed_one(s, from, to);
    const bool is_begun = naming::holds(m.source, attr::mail, to.text()) && !(from == to);
    if (m->removed && !is_begun) throw not_found(fmt::format("there is no mailbox {}: it is marked as removed", from.text()), {.dn = m.source.dn().text()});
    if (from == to && is_spelled_otherwise(m.source, to)) return respell(s, m, to);
    if (from == to) return leave(from.text(), "it is its address already");
    if (!is_begun) s.require_settled_around(m.source); // or else that would wait for this, and this for that
    refuse_other_rename(m.source, from, to);
    s.require_one_address(m.source, [&](const alias_address& a) { return a == alias_address(from) || a == alias_address(to); });
    mailbox_renaming renaming(s, std::move(m), from, to);
    renaming.plan(options);
    if (!options.keep_alias) s.will_be(from.text(), std::nullopt);
}

namespace {

/// Whether references to the old address are still those to what was renamed: nobody else has it.
bool is_free_or_kept(draft::state& s, const address& from, const address& to) {
    if (const auto kept = s.find<alias>(from)) return kept->value.targets == std::vector<maildrop>{maildrop(to)};
    return !s.find<mailbox>(from);
}

void lead_over_what_came(draft::state& s, draft::state::item& one, const address& from, const address& to) {
    if (is_free_or_kept(s, from, to)) s.lead_over(one, from, to, 0, [](const ldap::entry&) { return false; });
}

} // namespace

void draft::lead_over_latecomers(const address& from, const address& to) {
    if (from == to || !state_->find<mailbox>(to)) return;
    state::item one(*state_);
    lead_over_what_came(*state_, one, from, to);
    if (!one.empty()) one.commit();
}

void draft::lead_over_latecomers_of_list(const address& from, const address& to) {
    if (from == to || !state_->find<mailing_list>(to)) return;
    state::item one(*state_);
    lead_over_what_came(*state_, one, from, to);
    for (const std::string_view suffix : list_shape::service_suffixes) lead_over_what_came(*state_, one, list_shape::address_of(from, suffix), list_shape::address_of(to, suffix));
    if (!one.empty()) one.commit();
}

} // namespace vmail
