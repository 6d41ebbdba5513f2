#include <algorithm>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/directory_lists.hpp>
#include <vmail/draft_state.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/list_shape.hpp>
#include <vmail/service_change.hpp>

namespace vmail {

namespace attr = schema::attr;
namespace cls = schema::cls;

std::map<std::string, ldap::entry> draft::state::entries_of_list(const address& public_address) {
    std::map<std::string, ldap::entry> found;
    for (const ldap::entry& e : find_entries_of_list(session(), layout(), public_address))
        for (const std::string& mail : *e.find(attr::mail)) found.try_emplace(ascii::to_lower(mail), e);
    for (const address& a : mailing_list::addresses_of(public_address)) {
        const auto it = planned_.find(a.key());
        if (it == planned_.end()) continue;
        if (it->second) found.insert_or_assign(a.key(), it->second->unpacked());
        else found.erase(a.key());
    }
    return found;
}

template <> std::optional<stored<mailing_list>> draft::state::find<mailing_list>(const address& name) {
    if (!list_shape::is_name(name.local_part())) return std::nullopt;
    std::vector<stored<alias>> found;
    for (const auto& [text, e] : entries_of_list(name))
        if (e.has_class(cls::alias)) found.push_back(*as_stored<alias>(e));
    if (found.empty()) find<domain>(name.domain()); // throws where it may not be seen
    return mailing_list::named(name, found);
}

namespace {

/// Mail would come back to where it came from.
void check_lists_domain(const mailing_list& l) {
    if (l.lists_domain && !(*l.lists_domain == l.address.domain())) return;
    if (!l.lists_domain) throw invalid_value(fmt::format("nothing says in which domain the list server has {}", l.address.text()));
    throw invalid_value(fmt::format("{} would lead to itself: the list server needs a domain of its own, beside {}", l.address.text(), l.address.domain().text()));
}

void require_owners(draft::state& s, const mailing_list& l) {
    if (l.owners.empty() || s.directory.records_list_owners()) return;
    s.require_own_attribute(attr::list_owner, fmt::format("the owners of {}", l.address.text()));
}

void note_owners(draft::state& s, const mailing_list& l, const std::vector<maildrop>& before) {
    for (const maildrop& owner : l.owners) {
        if (std::find(before.begin(), before.end(), owner) != before.end()) continue;
        if (const auto fault = s.fault_of(owner))
            s.made.notices.push_back({l.address.text(), fmt::format("an owner of {} is {}, {}", l.address.text(), printable(owner.text()), *fault)});
    }
}

maildrop target_of(const mailing_list& l, std::string_view suffix) {
    return maildrop::parse(list_shape::target(l.address.local_part(), suffix, l.lists_domain->text()));
}

class list_maker {
public:
    list_maker(draft::state& s, const mailing_list& l) : state_(s), list_(l) {}

    void plan() {
        list_shape::check_address(list_.address);
        check_lists_domain(list_);
        require_owners(state_, list_);
        auto& r = state_.require_domain(list_.address.domain());
        look();
        check_routes();
        const domain_places more{.aliases = fresh_.size()};
        state_.rooms.require(r, more);
        note(r);
        state_.rooms.take(r, more);
        commit(r.claim);
    }

private:
    /// The service addresses come first: nobody writes to a list whose bounces have nowhere to go.
    void look() {
        there_ = state_.entries_of_list(list_.address);
        for (const std::string_view suffix : list_shape::service_suffixes) look_at(suffix);
        look_at("");
        if (fresh_.empty()) throw already_exists(fmt::format("the mailing list {} exists already", list_.address.text()), {.dn = state_.layout().alias(list_.address).text()});
    }

    void look_at(std::string_view suffix) {
        const auto a = list_shape::address_of(list_.address, suffix);
        if (const auto it = there_.find(a.key()); it != there_.end()) {
            if (!is_ours(it->second)) state_.require_free(a);
            if (suffix.empty()) public_ = state_.as_stored<alias>(it->second);
            return;
        }
        alias made(a);
        made.targets = {target_of(list_, suffix)};
        fresh_.push_back(std::move(made));
    }

    bool is_ours(const ldap::entry& e) const {
        return e.has_class(cls::alias) && mailing_list::lists_domain_of(state_.as_stored<alias>(e)->value) == list_.lists_domain;
    }

    void check_routes() {
        for (const alias& a : fresh_) {
            if (a.address == alias_address(list_.address)) state_.check_route(a.address, a.targets, a.targets);
            else state_.require_no_circle(a.address, a.targets);
        }
    }

    void note(const domain_rooms::room& r) {
        const std::string text = list_.address.text();
        if (!r.domain->active) state_.made.notices.push_back({text, fmt::format("the domain of {} is disabled: mail to it is refused", text)});
        if (!public_) return note_owners(state_, list_, {});
        const bool other_owners = !list_.owners.empty() && list_.owners != (*public_)->list_owners;
        if (other_owners || (!list_.description.empty() && list_.description != (*public_)->description))
            state_.made.notices.push_back({text, fmt::format("{} is there already, and keeps its owners and its description: only what was missing beside it is made", text)});
    }

    ldap::entry entry_of(alias a) const {
        if (a.address == alias_address(list_.address)) {
            a.list_owners = list_.owners;
            a.description = list_.description;
        }
        if (public_) { // what comes to a list that is out of service is so, too
            a.active = (*public_)->active;
            a.disabled = (*public_)->disabled;
        }
        ldap::entry fresh;
        a.to_entry(fresh, state_.site());
        return fresh;
    }

    void commit(const std::optional<std::size_t>& claim) {
        draft::state::item one(state_);
        auto& c = one.add(list_.address.text(), "created");
        c.all_or_none = true;
        c.drastic = false;
        c.claim = claim;
        if (!there_.empty()) c.why = "some of it was there";
        for (const auto& [text, e] : there_) c.whole.push_back(e.dn());
        for (const alias& a : fresh_) {
            ldap::entry fresh = entry_of(a);
            c.whole.push_back(fresh.dn());
            c.requests.emplace_back(ldap::add_request{fresh});
            state_.will_be(a.address.text(), std::move(fresh));
        }
        one.commit();
    }

    draft::state& state_;
    const mailing_list& list_;
    std::map<std::string, ldap::entry> there_;
    std::optional<stored<alias>> public_;
    std::vector<alias> fresh_;
};

/// The same change of all entries of a list, as one thing. What is told is that of the public address.
class list_change {
public:
    list_change(draft::state& s, const stored<mailing_list>& l, std::string action) : state_(s), list_(l), action_(std::move(action)), item_(s) {}

    void public_first(const std::function<void(alias&)>& change) {
        plan_public(change, 0);
        plan_services(change, 1);
        item_.commit();
    }

    void public_last(const std::function<void(alias&)>& change) {
        plan_services(change, 0);
        plan_public(change, 1);
        item_.commit();
    }

private:
    bool is_public(const stored<alias>& e) const { return e->address == alias_address(list_->address); }

    void plan_public(const std::function<void(alias&)>& change, std::size_t stage) {
        auto& c = item_.add(list_->address.text(), action_);
        c.stage = stage;
        for (const stored<alias>& e : list_->entries)
            if (is_public(e))
                if (auto request = changed(e, change)) c.requests = {std::move(*request)};
    }

    void plan_services(const std::function<void(alias&)>& change, std::size_t stage) {
        for (const stored<alias>& e : list_->entries) {
            if (is_public(e)) continue;
            if (auto request = changed(e, change)) item_.add_part(e->address.text(), action_, stage).requests = {std::move(*request)};
        }
    }

    std::optional<ldap::write_request> changed(const stored<alias>& e, const std::function<void(alias&)>& change) {
        stored<alias> now = e;
        change(now.value);
        ldap::entry after = state_.goal_of(now);
        auto request = state_.request_for(e.source, after);
        state_.will_be(e->address.text(), std::move(after));
        return request;
    }

    draft::state& state_;
    const stored<mailing_list>& list_;
    std::string action_;
    draft::state::item item_;
};

void require_public_address(const stored<mailing_list>& l) {
    if (!l->has_public_address)
        throw not_found(fmt::format("the mailing list {} is half made, or half removed: its public address is not there", l->address.text()), {.dn = l.source.dn().text()});
}

/// As read.
std::optional<domain_name> where_it_leads(const mailing_list& l) {
    const auto as_read = mailing_list::named(l.address, l.entries);
    return as_read ? as_read->value.lists_domain : std::nullopt;
}

std::string_view suffix_in(const mailing_list& l, const alias& a) { return std::string_view(a.address.local_part()).substr(l.address.local_part().size()); }

} // namespace

void draft::add(const mailing_list& l) { list_maker(*state_, l).plan(); }

void draft::set(const stored<mailing_list>& l) {
    auto& s = *state_;
    require_public_address(l);
    const alias& before = l->entries.front().value;
    const bool moves = l->lists_domain && l->lists_domain != where_it_leads(l.value);
    if (l->owners != before.list_owners) require_owners(s, l.value);
    if (moves) {
        check_lists_domain(l.value);
        s.check_route(l->address, {target_of(l.value, "")}, {target_of(l.value, "")});
    }
    note_owners(s, l.value, before.list_owners);
    list_change(s, l, "changed").public_last([&](alias& a) {
        const auto suffix = ascii::to_lower(suffix_in(l.value, a));
        if (moves) a.targets = {target_of(l.value, suffix)};
        if (!suffix.empty()) return;
        a.list_owners = l->owners;
        a.description = l->description;
    });
}

void draft::disable(const stored<mailing_list>& l, std::string_view reason, const std::string& comment) {
    const service_change service(state_->directory);
    list_change(*state_, l, "disabled").public_first([&](alias& a) { service.disable(a, reason, comment); });
}

bool draft::disable_rest(const stored<mailing_list>& l) {
    const service_change service(state_->directory);
    if (std::none_of(l->entries.begin(), l->entries.end(), [](const stored<alias>& e) { return e->active; })) return false;
    list_change(*state_, l, "disabled").public_first([&](alias& a) {
        if (a.active) service.disable(a, l->disabled.reason, l->disabled.comment);
    });
    return true;
}

void draft::enable(const stored<mailing_list>& l) {
    const service_change service(state_->directory);
    list_change(*state_, l, "enabled").public_last([&](alias& a) { service.enable(a); });
}

} // namespace vmail
