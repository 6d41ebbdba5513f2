#include <algorithm>
#include <cstddef>
#include <map>
#include <numeric>
#include <set>
#include <span>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/dovecot_password.hpp>
#include <vmail/draft.hpp>
#include <vmail/enumerated.hpp>
#include <vmail/error.hpp>
#include <vmail/list_shape.hpp>
#include <vmail/printable.hpp>
#include <vmail/schema.hpp>
#include <vmail/service_change.hpp>
#include <vmail/unix_account.hpp>

#include <vmail/exchange/typed_record.hpp>
#include <vmail/jobs/record_order.hpp>
#include <vmail/jobs/record_plan.hpp>

namespace vmail {

namespace {

using exchange::conversion;
using exchange::field;
using exchange::record;
using exchange::value;

template <typename Entity> std::vector<field_change> differences(const Entity& before, const Entity& after, const conversion& how) {
    std::vector<field_change> all;
    for (const auto& f : exchange::fields_of<Entity>()) {
        value was = f.get(before, how), is = f.get(after, how);
        if (was != is) all.push_back({f.name, std::move(was), std::move(is)});
    }
    return all;
}

std::string names_of(const std::vector<field_change>& fields) {
    std::vector<std::string> names;
    for (const field_change& f : fields) names.emplace_back(f.field);
    return enumerated(names);
}

bool same_service(const entry_state& a, const entry_state& b) { return a.active == b.active && a.disabled.reason == b.disabled.reason && a.disabled.comment == b.disabled.comment; }

/// What is more than one entry is stopped and started as a whole.
template <typename Entity> constexpr bool is_several = std::is_same_v<Entity, domain> || std::is_same_v<Entity, mailing_list>;

class record_planner {
public:
    record_planner(directory& d, const record_plan_options& options)
        : directory_(d), options_(options), how_{d.site().zone, timestamp::now()}, service_(d), draft_(d, {.token = options.token}) {
        if (options.lists_domain) lists_domains_.insert(options.lists_domain->text());
    }

    /// Before any is taken: what has a record of its own is as that says, also in a domain that is stopped.
    void look_ahead(const record& r) {
        named_.insert(ascii::to_lower(r.name));
        const auto* const lists = r.what == exchange::noun::mailing_list ? r.find("lists_domain") : nullptr;
        if (const auto* const text = lists != nullptr ? std::get_if<std::string>(&lists->value) : nullptr) lists_domains_.insert(domain_name::parse(*text).text());
    }

    /// What comes next, so that it is asked for together.
    void expect(const std::vector<record>& records, std::span<const std::size_t> next) {
        std::vector<address> mailboxes;
        std::vector<alias_address> aliases;
        for (const std::size_t i : next) {
            if (records[i].what == exchange::noun::mailbox) mailboxes.push_back(address::parse(records[i].name));
            if (records[i].what == exchange::noun::alias) aliases.push_back(alias_address::parse(records[i].name));
        }
        draft_.expect<mailbox>(mailboxes, expected::either);
        draft_.expect<alias>(aliases, expected::either);
    }

    /// Notes which items of the plan are those of the record.
    void take(const record& r, std::size_t wave) {
        draft_.attempt(r.name, [&] { exchange::with_entity(r, [&](auto e) { plan_one(std::move(e), r); }); });
        items_.resize(draft_.items(), {r.at.line, wave});
    }

    /// What lies in the domain and no record names.
    void prune(exchange::noun what, const domain_name& where, const std::set<std::string>& named, std::size_t wave) {
        switch (what) {
        case exchange::noun::mailbox: prune_each<mailbox>(where, named, wave); return;
        case exchange::noun::mailing_list: prune_each<mailing_list>(where, named, wave); return;
        case exchange::noun::backup_mail: prune_each<backup_mail>(where, named, wave); return;
        default: prune_each<alias>(where, named, wave);
        }
    }

    vmail::plan finish() && {
        // All that goes is known: what goes as well sends nothing any more.
        for (const stored<mailbox>& m : pruned_) draft_.note_references(m);
        vmail::plan p = std::move(draft_).take();
        for (planned_change& c : p.changes) {
            c.line = items_[c.item].line;
            c.wave = items_[c.item].wave;
            c.drastic = c.drastic && !of_new_.contains(c.item);
        }
        join_followers(p);
        return p;
    }

private:
    /// They are parts of the thing before them.
    void join_followers(vmail::plan& p) const {
        std::size_t leader = 0, present = 0, first = 0, last = 0; // items, stages of the leader
        for (planned_change& c : p.changes) {
            const bool is_next = std::exchange(present, c.item) != c.item;
            if (!followers_.contains(c.item)) {
                if (is_next) last = 0;
                leader = c.item;
            } else {
                if (is_next) first = last + 1;
                c.item = leader;
                c.stage += first;
                c.part = true;
            }
            last = std::max(last, c.stage);
        }
    }

    struct origin {
        std::size_t line, wave;
    };

    template <typename Entity> void prune_each(const domain_name& where, const std::set<std::string>& named, std::size_t wave) {
        auto all = directory_.list<Entity>({.domain = where});
        if (!all.unreadable.empty()) throw invalid_value(all.unreadable.front().sentence, {.dn = all.unreadable.front().dn.text()});
        if constexpr (std::is_same_v<Entity, mailing_list>) add_rests(all.items, where, named);
        const auto kept = addresses_kept<Entity>(where);
        for (stored<Entity>& e : all.items) {
            const std::string name = text_of(e.value), key = ascii::to_lower(name);
            if (named.contains(key) || kept.contains(key)) continue;
            draft_.attempt(name, [&] {
                take_away(e);
                if (options_.tell) options_.tell({exchange::noun_of<Entity>, name, record_change::kind::removal, {}});
            });
            items_.resize(draft_.items(), {0, wave});
        }
    }

    /// What a run that was cut has left of a list is too little for a list of its own; here it is known that lists are taken away, and where they lead.
    void add_rests(std::vector<stored<mailing_list>>& lists, const domain_name& where, const std::set<std::string>& named) {
        std::set<std::string> leads = lists_domains_;
        std::set<address> seen;
        for (const auto& l : lists) {
            seen.insert(l->address);
            if (l->lists_domain) leads.insert(l->lists_domain->text());
        }
        std::vector<address> rests;
        for (const auto& a : directory_.list<alias>({.domain = where}).items) {
            const auto list = list_of_service(a.value, leads);
            if (list && !named.contains(a->address.key()) && seen.insert(*list).second) rests.push_back(*list);
        }
        for (const address& a : rests)
            if (auto l = directory_.find<mailing_list>(a); l && !l->value.has_public_address) lists.push_back(std::move(*l));
    }

    /// Whose service address the alias is, if it leads to a server of lists.
    static std::optional<address> list_of_service(const alias& a, const std::set<std::string>& leads) {
        const auto to = mailing_list::lists_domain_of(a);
        if (!to || !leads.contains(to->text())) return std::nullopt;
        const std::string& local = a.address.local_part();
        const auto suffix = list_shape::suffix_of(local);
        const std::string name = suffix ? local.substr(0, local.size() - suffix->size()) : std::string();
        return list_shape::is_name(name) ? std::optional(address::make(name, a.address.domain())) : std::nullopt;
    }

    /// Aliases that stand for something else, which a record of another kind speaks of.
    template <typename Entity> std::set<std::string> addresses_kept(const domain_name& where) {
        std::set<std::string> kept;
        if constexpr (std::is_same_v<Entity, alias>) {
            for (const address& role : directory_.site().role_addresses.in(where)) kept.insert(role.key());
            for (const auto& l : directory_.list<mailing_list>({.domain = where}).items)
                for (const auto& a : l->entries) kept.insert(a->address.key());
        }
        return kept;
    }

    void take_away(stored<mailbox>& m) {
        pruned_.push_back(m);
        service_.mark_removed(m.value);
        draft_.update(m, "removed");
    }
    template <typename Entity> void take_away(const stored<Entity>& e) { draft_.remove(e); }

    template <typename Entity> void plan_one(Entity fresh, const record& r) {
        const auto there = draft_.find<Entity>(entity_traits<Entity>::name(fresh));
        if (!there) return make_unless_made(std::move(fresh), r);
        if (becomes_admin(there->value, r)) return make(std::move(fresh), r);
        if (is_half_made(*there) && !is_without_roles(r)) return make(begun(*there, std::move(fresh)), r);
        if (there->value.removed)
            throw already_exists(fmt::format("{} is marked as removed", printable(r.name)), {.dn = there->source.dn().text(), .hint = "restore it, or take it away for good first"});
        meet(*there, r);
    }

    /// A postmaster whose entry is there as the alias alone, and whom the record gives what an administrator has.
    static bool becomes_admin(const admin& a, const record& r) {
        if (!a.is_postmaster() || a.password) return false;
        const auto *const hash = r.find("password_hash"), *const rights = r.find("edit_accounts");
        return (hash != nullptr && !std::holds_alternative<exchange::null>(hash->value)) || (!a.edit_accounts && rights != nullptr && rights->value == value{true});
    }
    static bool becomes_admin(const entry_state&, const record&) { return false; }

    /// As an export tells of a domain that has not all of them.
    static bool is_without_roles(const record& r) {
        const auto* const said = r.find(exchange::role_addresses_field);
        return said != nullptr && said->value == value{false};
    }

    /// By a run that was cut: the addition completes it.
    bool is_half_made(const stored<domain>& d) { return draft_.is_half_made(d); }
    static bool is_half_made(const stored<mailing_list>& l) { return !l->has_public_address; }
    template <typename Entity> static bool is_half_made(const stored<Entity>&) { return false; }

    /// A domain has what there is of it, also what no record says.
    static domain begun(const stored<domain>& there, domain) { return there.value; }
    template <typename Entity> static Entity begun(const stored<Entity>&, Entity fresh) { return fresh; }

    /// What the plan makes itself, such as the role addresses of a domain, may differ from what the file says.
    static bool is_planned(const ldap::entry& e) { return !e.has(schema::attr::entry_uuid); }

    // ---- what is not there

    /// Somebody else may be making it, between the look for it and the one for its address.
    template <typename Entity> void make_unless_made(Entity e, const record& r) {
        try {
            make(e, r);
        } catch (const already_exists&) {
            directory_.session().forget_ahead(); // what was asked for together is older than that
            const auto there = options_.on_new_mailbox ? std::nullopt : draft_.find<Entity>(entity_traits<Entity>::name(e));
            if (!there || there->value.removed) throw;
            meet(*there, r);
        }
    }

    template <typename Entity> void make(Entity e, const record& r) {
        const Entity before = e;
        exchange::set_all_given(e, r, how_);
        settle_hash(e, before);
        const Entity wanted = e;
        settle_new(e);
        if constexpr (std::is_same_v<Entity, mailing_list>) add_list(e);
        else if constexpr (std::is_same_v<Entity, mailbox>) add_mailbox(e);
        else if constexpr (std::is_same_v<Entity, domain>) is_without_roles(r) ? draft_.add_without_roles(e) : draft_.add(e, std::nullopt);
        else draft_.add(e);
        tell<Entity>(r, record_change::kind::creation, differences(before, wanted, how_));
    }

    template <typename Entity> void settle_new(Entity& e) const {
        if (e.active) e.disabled = {};
        if (e.active || std::is_same_v<Entity, mailing_list>) return;
        const disabled_state given = std::exchange(e.disabled, {});
        e.active = true;
        service_.disable(e, reason_or_manual(given), given.comment);
    }

    void add_mailbox(mailbox& m) {
        const unix_wishes account = wishes_of(m);
        unix_account::take_from(m);
        if (!m.password && options_.on_new_mailbox) options_.on_new_mailbox(m);
        draft_.add(m);
        if (!account.empty()) follow(true, [&] { draft_.add_unix_account(draft_.get<mailbox>(m.address), account); });
    }

    // ---- accounts of Unix, whose numbers the draft keeps apart

    static unix_wishes wishes_of(const mailbox& m) {
        const auto text = [&](std::string_view attribute) {
            const auto at = m.facets.find(std::string(attribute));
            return at == m.facets.end() || at->second.empty() ? std::nullopt : std::optional(at->second.front());
        };
        unix_wishes w{.home = text(schema::attr::home_directory), .shell = text(schema::attr::login_shell), .gecos = text(schema::attr::gecos)};
        if (const auto n = text(schema::attr::uid_number)) w.uid_number = unix_number::parse(*n);
        if (const auto n = text(schema::attr::gid_number)) w.gid_number = unix_number::parse(*n);
        return w;
    }

    /// What is wished for that differs; it is none of the other changes then.
    std::optional<unix_wishes> other_account(mailbox& wanted, const mailbox& before) const {
        if (wanted.facets == before.facets) return std::nullopt;
        if (unix_account::is_on(before) && !unix_account::is_on(wanted)) throw invalid_value(fmt::format("a record takes no account of Unix away: that of {} stays until it is removed by itself", printable(wanted.address.text())));
        unix_wishes w = wishes_of(wanted);
        if (!w.gecos) w.gecos = std::string();
        if (!w.shell && unix_account::is_on(before)) w.shell = std::string();
        wanted.facets = before.facets;
        return w;
    }
    static std::optional<unix_wishes> other_account(const entry_state&, const entry_state&) { return std::nullopt; }

    void update_account(const stored<mailbox>& wanted, const unix_wishes& w) {
        if (unix_account::is_on(wanted.value)) draft_.set_unix_account(wanted, w);
        else draft_.add_unix_account(wanted, w);
    }
    template <typename Entity> void update_account(const stored<Entity>&, const unix_wishes&) {}

    // ---- passwords: what is there stays, whatever it is, and any other is looked at as "--hash" does

    template <typename Entity> static void settle_hash(Entity& e, const Entity& before) {
        if constexpr (requires { e.password; }) {
            if (!e.password || (before.password && e.password->to_attribute() == before.password->to_attribute())) return;
            try {
                e.password = from_dovecot(e.password->to_attribute());
            } catch (const invalid_value& fault) {
                throw invalid_value(fmt::format("password_hash: {}", fault.what()), {.hint = fault.hint()});
            }
        }
    }

    void add_list(mailing_list& l) {
        if (!l.lists_domain) l.lists_domain = options_.lists_domain;
        draft_.add(l);
        if (l.active) return;
        follow(true, [&] { draft_.disable(draft_.get<mailing_list>(l.address), reason_or_manual(l.disabled), l.disabled.comment); });
    }

    /// The items of the plan that it makes.
    template <typename Act> std::vector<std::size_t> items_of(const Act& act) {
        const std::size_t first = draft_.items();
        act();
        std::vector<std::size_t> made(draft_.items() - first);
        std::iota(made.begin(), made.end(), first);
        return made;
    }

    /// What is planned there belongs to the thing before it, and begins when all of that is done.
    template <typename Act> void follow(bool is_new, const Act& act) {
        const auto items = items_of(act);
        followers_.insert(items.begin(), items.end());
        if (is_new) of_new_.insert(items.begin(), items.end());
    }

    static std::string reason_or_manual(const disabled_state& s) { return s.reason.empty() ? std::string(reason::manual) : s.reason; }

    // ---- what is there

    template <typename Entity> void meet(const stored<Entity>& there, const record& r) {
        stored<Entity> wanted = there;
        exchange::set_all_given(wanted.value, r, how_);
        settle_hash(wanted.value, there.value);
        settle(wanted.value, there.value);
        auto changes = differences(there.value, wanted.value, how_);
        const auto account = other_account(wanted.value, there.value);
        const bool is_same = !differs(wanted, there);
        if (!account && is_same) return leave(there, r);
        // Of an account of Unix alone: an addition that was cut had not come to it.
        const bool goes_on = account && is_same && !has_account(there.value);
        if (!options_.update && !is_planned(there.source) && !goes_on) throw already_exists(fmt::format("{} is there with another {}", printable(r.name), changes.empty() ? "value" : names_of(changes)), {.dn = there.source.dn().text()});
        const auto items = items_of([&] { account ? update_account(wanted, *account) : update(wanted, there); });
        if (is_planned(there.source)) of_new_.insert(items.begin(), items.end());
        tell<Entity>(r, record_change::kind::change, std::move(changes));
    }

    static bool has_account(const mailbox& m) { return unix_account::is_on(m); }
    static bool has_account(const entry_state&) { return false; }

    template <typename Entity> void leave(const stored<Entity>& there, const record& r) {
        if (!there->active && disable_rest(there)) return tell<Entity>(r, record_change::kind::change, {{"active", value{std::string("in part")}, value{false}}});
        draft_.leave(r.name);
    }
    bool disable_rest(const stored<domain>& d) {
        return draft_.disable_rest(d, [this](const std::string& name) { return named_.contains(ascii::to_lower(name)); });
    }
    bool disable_rest(const stored<mailing_list>& l) { return draft_.disable_rest(l); }
    template <typename Entity> static bool disable_rest(const stored<Entity>&) { return false; }

    void settle(mailbox& e, const mailbox& before) {
        if (!e.quota && before.quota) e.quota = default_quota(e.address.domain());
        settle_end(e, before);
        settle_service(e, before);
    }
    void settle(alias& e, const alias& before) {
        settle_end(e, before);
        settle_service(e, before);
    }
    template <typename Entity> void settle(Entity& e, const Entity& before) {
        if constexpr (!is_several<Entity>) settle_service(e, before);
    }

    /// One that the expiry run had stopped comes back with a later end, unless the record stops it.
    template <typename Entity> void settle_end(Entity& e, const Entity& before) {
        if (e.expires == before.expires) return;
        const auto end = std::exchange(e.expires, before.expires);
        const bool is_told = !same_service(e, before);
        service_.set_expiry(e, end, how_.now);
        if (is_told) e.active = false;
    }

    /// Who, when and why go on record as by hand.
    void settle_service(entry_state& e, const entry_state& before) const {
        const bool active = e.active;
        const disabled_state wanted = std::exchange(e.disabled, before.disabled);
        e.active = before.active;
        if (active) {
            if (!before.active) service_.enable(e);
            return;
        }
        const bool same = !before.active && wanted.reason == before.disabled.reason && wanted.comment == before.disabled.comment;
        if (!same) service_.disable(e, reason_or_manual(wanted), wanted.comment);
    }

    std::optional<quota> default_quota(const domain_name& name) {
        const auto [known, is_new] = quotas_.try_emplace(name.text());
        if (is_new)
            if (const auto d = draft_.find<domain>(name)) known->second = d->value.default_quota;
        return known->second;
    }

    template <typename Entity> bool differs(const stored<Entity>& wanted, const stored<Entity>& there) const {
        ldap::entry after = there.source;
        if constexpr (std::is_same_v<Entity, domain>) {
            domain quiet = wanted.value; // whether it works is a thing of its own
            quiet.active = there->active;
            quiet.disabled = there->disabled;
            quiet.to_entry(after, directory_.site());
            return !ldap::diff(there.source, after).empty() || !same_wish(wanted.value, there.value);
        } else {
            wanted.value.to_entry(after, directory_.site());
            return !ldap::diff(there.source, after).empty();
        }
    }
    bool differs(const stored<mailing_list>& wanted, const stored<mailing_list>& there) const { return other_list(wanted.value, there.value) || !same_wish(wanted.value, there.value); }

    static bool other_list(const mailing_list& a, const mailing_list& b) { return a.owners != b.owners || a.description != b.description || a.lists_domain != b.lists_domain; }

    /// A reason counts while it is stopped.
    static bool same_wish(const entry_state& wanted, const entry_state& there) { return wanted.active ? there.active : same_service(wanted, there); }

    template <typename Entity> void update(const stored<Entity>& wanted, const stored<Entity>&) { draft_.update(wanted, "changed"); }
    void update(const stored<domain>& wanted, const stored<domain>& there) {
        stored<domain> quiet = wanted;
        quiet->active = there->active;
        quiet->disabled = there->disabled;
        ldap::entry after = there.source;
        quiet->to_entry(after, directory_.site());
        const bool is_other = !ldap::diff(there.source, after).empty();
        if (is_other) draft_.set(quiet, std::nullopt);
        if (!same_wish(wanted.value, there.value)) switch_service<domain>(there->name, wanted.value, is_other);
    }
    void update(const stored<mailing_list>& wanted, const stored<mailing_list>& there) {
        stored<mailing_list> quiet = wanted;
        quiet->active = there->active;
        quiet->disabled = there->disabled;
        const bool is_other = other_list(wanted.value, there.value);
        if (is_other) draft_.set(quiet);
        if (!same_wish(wanted.value, there.value)) switch_service<mailing_list>(there->address, wanted.value, is_other);
    }

    /// Of a record that changes more, it is a part of that.
    template <typename Entity> void switch_service(const name_of<Entity>& name, const entry_state& wanted, bool is_part) {
        const auto act = [&] {
            const auto now = draft_.get<Entity>(name);
            if (wanted.active) draft_.enable(now);
            else draft_.disable(now, reason_or_manual(wanted.disabled), wanted.disabled.comment);
        };
        is_part ? follow(false, act) : act();
    }

    // ----

    template <typename Entity> void tell(const record& r, record_change::kind what, std::vector<field_change> fields) const {
        if (options_.tell) options_.tell({exchange::noun_of<Entity>, r.name, what, std::move(fields)});
    }

    directory& directory_;
    const record_plan_options& options_;
    conversion how_;
    service_change service_;
    draft draft_;
    std::vector<origin> items_;
    std::set<std::size_t> followers_;        ///< items
    std::set<std::string> named_;            ///< by records
    std::set<std::string> lists_domains_;    ///< where lists lead, as far as the settings and the records say
    std::set<std::size_t> of_new_;           ///< items that belong to what the plan makes, and count as little against the cap
    std::vector<stored<mailbox>> pruned_;
    std::map<std::string, std::optional<quota>> quotas_;
};

} // namespace

plan plan_records(directory& d, const std::vector<record>& records, const record_plan_options& options) {
    const std::vector<std::size_t> waves = jobs::waves_of(records);
    std::vector<std::size_t> order(records.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return waves[a] < waves[b]; });
    record_planner planner(d, options);
    for (const record& r : records) planner.look_ahead(r);
    constexpr std::size_t at_once = 100;
    for (std::size_t done = 0; done < order.size(); ++done) {
        if (done % at_once == 0) planner.expect(records, {order.data() + done, std::min(at_once, order.size() - done)});
        planner.take(records[order[done]], waves[order[done]]);
    }
    if (options.prune.domain) {
        std::set<std::string> named;
        for (const record& r : records)
            if (r.what != exchange::noun::admin) named.insert(ascii::to_lower(r.name));
        std::size_t wave = waves.empty() ? 0 : *std::max_element(waves.begin(), waves.end());
        for (const exchange::noun kind : options.prune.kinds) planner.prune(kind, *options.prune.domain, named, ++wave);
    }
    return std::move(planner).finish();
}

} // namespace vmail
