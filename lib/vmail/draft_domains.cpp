#include <algorithm>
#include <iterator>
#include <set>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/draft_state.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/naming.hpp>
#include <vmail/references.hpp>
#include <vmail/service_change.hpp>

namespace vmail {

namespace attr = schema::attr;
namespace cls = schema::cls;
using ldap::filter;

namespace {

std::vector<address> roles_in(const draft::state& s, const domain& d) { return s.site().role_addresses.in(d.name); }

/// In a domain that is stopped it is stopped for that reason, and comes back with it.
alias role_alias(const draft::state& s, const address& role, const domain& d, const maildrop& target) {
    alias a(role);
    a.targets = {target};
    if (!d.active) service_change(s.directory).disable(a, reason::domain);
    return a;
}

void check_role_target(const draft::state& s, const domain& d, const maildrop& to) {
    for (const address& role : roles_in(s, d))
        if (maildrop(role) == to) throw invalid_value(fmt::format("{} cannot be sent to itself", role.text()));
}

ldap::add_request addition_of(const auto& entity, const site& s) {
    ldap::entry fresh;
    entity.to_entry(fresh, s);
    return {std::move(fresh)};
}

/// What is there of a domain that was to be made.
struct half_made {
    stored<domain> found;
    std::set<std::string> roles{}; ///< keys of their addresses
};

class domain_maker {
public:
    domain_maker(draft::state& s, const domain& d, const maildrop& postmaster) : state_(s), domain_(d), postmaster_(postmaster) {}

    /// It has no postmaster, and holds nothing but role addresses.
    bool is_half_made(const stored<domain>& there) const {
        const auto roles = roles_in(state_, domain_);
        if (roles.empty() || state_.find<alias>(roles.back()) || state_.find<mailbox>(roles.back())) return false;
        try {
            examine(there);
            return true;
        } catch (const already_exists&) {
            return false;
        }
    }

    void plan() {
        draft::state::item one(state_);
        auto& c = one.add(domain_.name.text(), "created");
        c.all_or_none = true;
        c.keeps_others = true;
        c.drastic = false;
        if (const auto there = state_.find<domain>(domain_.name)) complete(c, examine(*there));
        else begin(c);
        for (const auto& request : c.requests)
            if (const auto* const r = std::get_if<ldap::add_request>(&request)) state_.will_be(r->entry.first(attr::mail).value_or(domain_.name.text()), r->entry);
        one.commit();
    }

private:
    void begin(planned_change& c) const {
        state_.require_free(domain_.name);
        c.requests.emplace_back(addition_of(domain_, state_.site()));
        add_roles(c, {});
    }

    void add_roles(planned_change& c, const std::set<std::string>& but) const {
        for (const address& role : roles_in(state_, domain_))
            if (!but.contains(role.key())) c.requests.emplace_back(addition_of(role_alias(state_, role, domain_, postmaster_), state_.site()));
    }

    void complete(planned_change& c, const half_made& half) const {
        require_same(half.found);
        add_roles(c, half.roles);
        c.why = "an earlier run had begun it";
    }

    /// Only the same command goes on with what an earlier run began: a domain that is otherwise is somebody's.
    void require_same(const stored<domain>& there) const {
        stored<domain> wanted = there;
        wanted.value = domain_;
        wanted->created = there->created;
        if (state_.request_for(there.source, state_.goal_of(wanted)))
            throw already_exists(fmt::format("the domain {} exists already, with other values and without a postmaster", domain_.name.text()),
                                 {.dn = there.source.dn().text(), .hint = "with the values that it has, its role addresses would be added", .subject = domain_.name.text()});
    }

    /// Throws already_exists unless the domain is empty but for role addresses without postmaster@.
    half_made examine(const stored<domain>& there) const {
        half_made half{there};
        bool whole = there->removed || !there.source.has(attr::entry_uuid);
        state_.session().for_each({there.source.dn(), ldap::scope::children, filter::present(attr::object_class), {std::string(attr::mail)}}, [&](ldap::entry&& e) {
            const std::string mail = ascii::to_lower(e.first(attr::mail).value_or(""));
            if (may_be_first(mail)) half.roles.insert(mail);
            else whole = true;
        });
        if (whole)
            throw already_exists(fmt::format("the domain {} exists already", domain_.name.text()),
                                 {.dn = there.source.dn().text(), .remedy = there->removed ? remedy::restore_domain_instead : remedy::none, .subject = domain_.name.text()});
        return half;
    }

    /// Whether that address stands before postmaster@, which comes last: a domain that has it is whole.
    bool may_be_first(const std::string& mail) const {
        const auto roles = roles_in(state_, domain_);
        return std::any_of(roles.begin(), std::prev(roles.end()), [&](const address& role) { return role.key() == mail; });
    }

    draft::state& state_;
    const domain& domain_;
    const maildrop& postmaster_;
};

/// What is in a domain and has, or gets, the reason that its domain gives.
class contents {
public:
    contents(draft::state& s, const stored<domain>& d) : state_(s), service_(s.directory), domain_(d) {}

    /// Only where the reason is recorded: without it nobody could tell later what to bring back.
    void stop(draft::state::item& one, const std::function<bool(const std::string&)>& stays = {}) {
        if (!state_.directory.records_reasons()) return;
        const filter is_on = filter::negation(filter::equal(attr::account_active, "FALSE")), would_be = filter::equal(attr::disabled_reason, reason::removed);
        const list_options working{.domain = domain_->name, .filter = filter::any_of({is_on, would_be}), .removed = true};
        const auto disable = [&](auto& e) {
            if (!works_once_restored(e.value) || (stays && stays(text_of(e.value)))) return;
            service_.disable(e.value, reason::domain);
            add(one, e, "disabled", 1);
        };
        each_of<mailbox>(working, disable);
        each_of<alias>(working, disable);
    }

    /// Before the domain itself, and aliases after what they lead to, so that no mail is accepted for what does not work yet.
    void bring_back(draft::state::item& one) {
        const list_options stopped{.domain = domain_->name, .filter = filter::equal(attr::disabled_reason, reason::domain), .removed = true};
        const auto enable = [&](std::size_t stage) {
            return [&, stage](auto& e) {
                service_.enable(e.value);
                add(one, e, "enabled", stage);
            };
        };
        each_of<mailbox>(stopped, enable(0));
        each_of<alias>(stopped, enable(1));
    }
    static constexpr std::size_t after_all = 2;

private:
    /// What is restored while its domain is stopped comes back with that.
    static bool works_once_restored(const entry_state& e) { return e.active || (e.removed && e.disabled.reason == reason::removed); }

    template <typename Entity, typename Act> void each_of(const list_options& options, const Act& act) {
        for (auto& e : state_.directory.list<Entity>(options).items) {
            auto planned = state_.as_stored<Entity>(state_.as_planned(e.source));
            act(*planned);
        }
    }

    template <typename Entity> void add(draft::state::item& one, const stored<Entity>& e, std::string action, std::size_t stage) {
        ldap::entry after = state_.goal_of(e);
        auto request = state_.request_for(e.source, after);
        if (!request) return;
        auto& c = one.add_part(text_of(e.value), e->removed ? "changed" : std::move(action), stage);
        c.why = "of the domain " + domain_->name.text();
        c.requests = {std::move(*request)};
        state_.will_be(text_of(e.value), std::move(after));
    }

    draft::state& state_;
    service_change service_;
    const stored<domain>& domain_;
};

planned_change& add_own_change(draft::state& s, draft::state::item& one, const stored<domain>& d, std::string action) {
    ldap::entry after = s.goal_of(d);
    auto& c = one.add(d->name.text(), std::move(action));
    if (auto request = s.request_for(d.source, after)) c.requests = {std::move(*request)};
    s.will_be(d->name.text(), std::move(after));
    return c;
}

/// As the switches of a mailbox: the default goes where the server can keep it, or nowhere.
void require_place_for_defaults(draft::state& s, const domain& d) {
    if (d.default_quota) s.require_own_attribute(attr::default_quota, fmt::format("the default quota of {}", d.name.text()));
    if (!d.send_limits.unlimited()) s.require_own_attribute(attr::send_limit, fmt::format("how much the mailboxes of {} may send", d.name.text()));
}

/// Where postmaster@ is gone, somebody has removed it, and it is made again.
class role_leader {
public:
    role_leader(draft::state& s, const domain& d, const maildrop& to) : state_(s), domain_(d), to_(to) { check_role_target(s, d, to); }

    /// postmaster@ comes last: by where it leads the same command, given again, tells what still goes with it.
    std::vector<ldap::write_request> plan() && {
        const auto before = targets_of(postmaster());
        for (const address& role : roles_in(state_, domain_))
            if (role != postmaster() && before && targets_of(role) == before) lead(role); // any other is somebody else's by intention
        if (before) lead(postmaster());
        else make(postmaster());
        return std::move(requests_);
    }

private:
    address postmaster() const { return address::make(schema::postmaster, domain_.name); }

    std::optional<std::vector<maildrop>> targets_of(const address& role) {
        const auto found = state_.find<alias>(role);
        return found ? std::optional(found->value.targets) : std::nullopt;
    }

    void make(const address& role) {
        auto addition = addition_of(role_alias(state_, role, domain_, to_), state_.site());
        state_.will_be(role.text(), addition.entry);
        requests_.emplace_back(std::move(addition));
    }

    void lead(const address& role) {
        stored<alias> led = state_.get<alias>(role);
        led->targets = {to_};
        ldap::entry after = state_.goal_of(led);
        if (auto request = state_.request_for(led.source, after)) requests_.push_back(std::move(*request));
        state_.will_be(role.text(), std::move(after));
    }

    draft::state& state_;
    const domain& domain_;
    const maildrop& to_;
    std::vector<ldap::write_request> requests_{};
};

bool is_lowered(const std::optional<std::uint64_t>& before, const std::optional<std::uint64_t>& now) { return now && (!before || *now < *before); }

/// A limit takes nothing away from what is there: nobody would know that it is passed until the next addition.
void note_overfull(draft::state& s, const stored<domain>& d) {
    const domain before = domain::from_entry(d.source, s.site());
    const bool mailboxes = is_lowered(before.max_mailboxes, d->max_mailboxes), aliases = is_lowered(before.max_aliases, d->max_aliases),
               quota = is_lowered(before.max_quota_mib, d->max_quota_mib);
    if (!mailboxes && !aliases && !quota) return;
    const domain_places there = count_places(s.session(), d.source, s.site().role_addresses);
    const auto note = [&](std::uint64_t is, std::uint64_t limit, const char* one, const char* many) {
        if (is > limit) s.made.notices.push_back({d->name.text(), fmt::format("{} has {} {}, more than its limit of {}", d->name.text(), is, is == 1 ? one : many, limit)});
    };
    if (mailboxes) note(there.mailboxes, *d->max_mailboxes, "mailbox", "mailboxes");
    if (aliases) note(there.aliases, *d->max_aliases, "alias", "aliases");
    if (quota) note(bytes_to_mib(there.quota_bytes), *d->max_quota_mib, "MiB of quota", "MiB of quota");
}

void check_route(draft::state& s, const domain_name& name, const maildrop& to) { s.check_route(address::make(schema::postmaster, name), {to}, {to}); }

} // namespace

namespace {

/// As a rename to that name leaves them that was cut before its domain got it: who gets the mail to them then.
void note_addresses_in(draft::state& s, const domain& fresh) {
    if (!s.session().find(s.layout().container(), ldap::no_attributes())) return; // who may not see it is told so by what he writes there
    const auto there = s.session().search({s.layout().container(), ldap::scope::subtree, filter::ends_with(attr::mail, '@' + fresh.name.text()), {std::string(attr::mail)}});
    for (const ldap::entry& e : there) {
        if (e.dn().is_within(s.layout().domain(fresh.name))) continue;
        s.made.notices.push_back({fresh.name.text(), fmt::format("{} has an address in {} already, as by a rename that was cut: it gets the mail to that", printable(naming::subject_of(e)), fresh.name.text())});
        return; // one tells of all
    }
}

} // namespace

void draft::add(const domain& d, const std::optional<maildrop>& postmaster) {
    const maildrop to = postmaster.value_or(state_->site().postmaster);
    require_place_for_defaults(*state_, d);
    state_->require_known(d.other);
    check_role_target(*state_, d, to);
    check_route(*state_, d.name, to);
    note_addresses_in(*state_, d);
    domain_maker(*state_, d, to).plan();
}

void draft::add_without_roles(const domain& d) {
    auto& s = *state_;
    require_place_for_defaults(s, d);
    s.require_known(d.other);
    s.require_free(d.name);
    note_addresses_in(s, d);
    s.plan_addition(d.name.text(), addition_of(d, s.site()).entry);
}

void draft::set(const stored<domain>& d, const std::optional<maildrop>& postmaster) {
    auto& s = *state_;
    require_place_for_defaults(s, d.value);
    s.require_known(d->other);
    note_overfull(s, d);
    state::item one(s);
    // First what may be refused: a target that makes a circle.
    if (postmaster) check_route(s, d->name, *postmaster);
    auto aliases = postmaster ? role_leader(s, d.value, *postmaster).plan() : std::vector<ldap::write_request>{};
    auto& requests = add_own_change(s, one, d, "changed").requests;
    requests.insert(requests.begin(), aliases.begin(), aliases.end());
    one.commit();
}

namespace {

bool is_role(const draft::state& s, const ldap::entry& e) {
    const std::string mail = e.first(attr::mail).value_or("");
    return e.has_class(cls::alias) && s.site().role_addresses.has(std::string_view(mail).substr(0, mail.find('@')));
}

void tell_what_leads_into(draft::state& s, const domain_name& gone) {
    for (auto& notice : notices_of(s.session(), s.layout(), gone)) s.made.notices.push_back(std::move(notice));
}

} // namespace

void draft::remove_whole(const stored<domain>& d, const std::vector<ldap::entry>& contents) {
    auto& s = *state_;
    s.require_settled(d.source);
    s.note_administrators(d->name);
    tell_what_leads_into(s, d->name);
    state::item one(s);
    const auto accounts = static_cast<std::size_t>(std::count_if(contents.begin(), contents.end(), [](const ldap::entry& e) { return e.has_class(cls::account); }));
    std::size_t next = 1;
    for (const ldap::entry& e : contents) {
        auto& c = one.add(naming::subject_of(e), "removed");
        c.part = is_role(s, e);
        c.stage = c.part ? accounts + 1 : e.has_class(cls::account) ? next++ : 0;
        c.requests = s.requests_to_remove(e);
    }
    auto& c = one.add(d->name.text(), "removed");
    c.stage = accounts + 2;
    c.requests = {ldap::delete_request{d.source.dn(), s.guard_of(d.source)}};
    one.commit();
    s.will_be(d->name.text(), std::nullopt);
}

void draft::remove(const stored<domain>& d) {
    auto& s = *state_;
    s.require_settled(d.source);
    const auto below = s.session().search({d.source.dn(), ldap::scope::children, filter::present(attr::object_class), ldap::whole_entry()});
    const auto stays = [&](const ldap::entry& e) { return !is_role(s, e); };
    if (const auto others = std::count_if(below.begin(), below.end(), stays); others > 0)
        throw error(error_kind::invalid_value, fmt::format("the domain {} is not empty: it holds {} {}", d->name.text(), others, others == 1 ? "entry" : "entries"),
                    {.dn = d.source.dn().text(), .remedy = remedy::empty_domain_or_mark_removed, .subject = d->name.text()});
    s.note_administrators(d->name);
    tell_what_leads_into(s, d->name);
    state::item one(s);
    stored<domain> marked = d;
    service_change(s.directory).mark_removed(marked.value);
    if (auto request = s.request_for(d.source, s.goal_of(marked))) one.add_part(d->name.text(), "marked", 0).requests = {std::move(*request)};
    for (const auto& e : below) one.add_part(e.first(attr::mail).value_or(e.dn().text()), "removed", 1).requests = {ldap::delete_request{e.dn(), s.guard_of(e)}};
    auto& c = one.add(d->name.text(), "removed");
    c.stage = 2;
    c.requests = {ldap::delete_request{d.source.dn(), s.guard_of(d.source)}};
    one.commit();
    s.will_be(d->name.text(), std::nullopt);
}

void draft::disable(const stored<domain>& d, std::string_view reason, const std::string& comment) {
    state::item one(*state_);
    stored<domain> e = d;
    service_change(state_->directory).disable(e.value, reason, comment);
    add_own_change(*state_, one, e, "disabled");
    contents(*state_, d).stop(one);
    one.commit();
}

namespace {

/// Of a domain that is as it should be itself. False: so is what is in it.
template <typename Plan> bool plan_rest(draft::state& s, const stored<domain>& d, std::string action, const Plan& plan) {
    draft::state::item one(s);
    plan(contents(s, d), one);
    if (one.empty()) return false;
    one.add(d->name.text(), std::move(action));
    one.commit();
    return true;
}

} // namespace

bool draft::disable_rest(const stored<domain>& d, const std::function<bool(const std::string&)>& stays) {
    return plan_rest(*state_, d, "disabled", [&](contents all, state::item& one) { all.stop(one, stays); });
}

bool draft::settle_contents(const stored<domain>& d, const std::function<bool(const std::string&)>& stays) {
    const bool is_on = d->active && !d->removed;
    if (!is_on) return disable_rest(d, stays);
    return plan_rest(*state_, d, "enabled", [](contents all, state::item& one) { all.bring_back(one); });
}

void draft::follow_domain(const stored<mailbox>& m) {
    if (m->active || m->removed || m->disabled.reason != reason::domain) return;
    const auto d = find<domain>(m->address.domain());
    if (!d || !d->value.active || d->value.removed) return;
    stored<mailbox> back = m;
    service_change(state_->directory).enable(back.value);
    update(back, "enabled");
}

bool draft::is_half_made(const stored<domain>& d) { return domain_maker(*state_, d.value, state_->site().postmaster).is_half_made(d); }

void draft::enable(const stored<domain>& d) {
    state::item one(*state_);
    stored<domain> e = d;
    service_change(state_->directory).enable(e.value);
    if (!d->removed) contents(*state_, d).bring_back(one);
    add_own_change(*state_, one, e, "enabled").stage = contents::after_all;
    one.commit();
}

void draft::mark_removed(const stored<domain>& d) {
    state_->require_settled(d.source);
    state::item one(*state_);
    stored<domain> e = d;
    service_change(state_->directory).mark_removed(e.value);
    tell_what_leads_into(*state_, d->name);
    add_own_change(*state_, one, e, "removed");
    contents(*state_, d).stop(one);
    one.commit();
}

void draft::restore(const stored<domain>& d) {
    auto& s = *state_;
    s.require_settled(d.source);
    state::item one(s);
    stored<domain> e = d;
    service_change(s.directory).restore(e.value);
    if (e->active) contents(s, d).bring_back(one);
    // A removal for good that was cut had taken them already.
    for (const address& role : roles_in(s, e.value))
        if (!s.find<alias>(role) && !s.find<mailbox>(role))
            one.add_part(role.text(), "created", 1).requests = {addition_of(role_alias(s, role, e.value, s.site().postmaster), s.site())};
    add_own_change(s, one, e, "restored").stage = contents::after_all;
    one.commit();
}

} // namespace vmail
