#include <algorithm>
#include <set>

#include <fmt/format.h>

#include <vmail/error.hpp>

#include <vmail/draft_second_address.hpp>
#include <vmail/draft_state.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/list_shape.hpp>
#include <vmail/naming.hpp>

namespace vmail {

namespace attr = schema::attr;
namespace cls = schema::cls;

namespace {

/// The public address goes ahead, alone: of two who change the list at once, one gets it, and the other has written nothing.
constexpr std::size_t new_public_name = 0, new_names = 1, led_over = 2, old_services_go = 3, old_name_goes = 4;

/// One address of the list on its way.
struct mover {
    std::string_view suffix;
    address from, to;
    ldap::entry entry;
    bool is_begun = false; ///< it has both addresses already
};

/// Where the entry leads as the address `a`: while it is being renamed it is named by another one.
std::optional<domain_name> leads_as(const ldap::entry& e, const address& a, const site& s) {
    alias value = alias::from_entry(e, s);
    value.address = a;
    return mailing_list::lists_domain_of(value);
}

class list_renaming {
public:
    list_renaming(draft::state& s, const address& from, const address& to)
        : state_(s), from_(from), to_(to), at_old_(s.entries_of_list(from)), at_new_(s.entries_of_list(to)), item_(s) {}

    void plan(const rename_options& options) {
        list_shape::check_address(to_);
        find_public();
        for (const std::string_view suffix : list_shape::service_suffixes) find_service(suffix);
        auto& there = state_.require_domain(to_.domain(), is_begun());
        if (!is_list()) throw absent_list();
        check_target();
        give_second_addresses(take_places(there));
        for (const mover& m : movers_) lead_over(m);
        if (options.keep_alias && public_) keep_alias();
        for (const mover& m : movers_) take_old_address(m);
        if (!public_) tell_of_half();
        item_.commit();
        if (!options.keep_alias) state_.will_be(from_.text(), std::nullopt);
    }

private:
    not_found absent_list() {
        const bool seems_done = state_.find<mailing_list>(to_).has_value();
        return not_found(fmt::format("there is no mailing list {}{}", from_.text(), seems_done ? fmt::format(", but there is {}: it may have been renamed already", to_.text()) : ""),
                         {.dn = state_.layout().alias(from_).text()});
    }

    /// Where a renaming was begun, it was one, whatever was taken from it since.
    bool is_begun() const {
        return (public_ && public_->is_begun) || std::any_of(movers_.begin(), movers_.end(), [](const mover& m) { return m.is_begun; });
    }
    bool is_list() const { return is_begun() || (public_ && (is_marked_ || movers_.size() + done_ >= mailing_list::least_services)); }

    const ldap::entry* at(const std::map<std::string, ldap::entry>& where, const address& a) const {
        const auto it = where.find(a.key());
        return it != where.end() && it->second.has_class(cls::alias) ? &it->second : nullptr;
    }

    /// One that answers to both, or else the one with the old address. What has the new one is in the way.
    const ldap::entry* find(const address& from, const address& to, bool& is_begun) {
        const auto* const there = at(at_new_, to);
        is_begun = there != nullptr && naming::holds(*there, attr::mail, from.text());
        return is_begun ? there : at(at_old_, from);
    }

    void refuse_other_rename(const ldap::entry& e, const address& from, const address& to) {
        state_.require_one_address(e, [&](const alias_address& a) { return a == alias_address(from) || a == alias_address(to); });
    }

    void find_public() {
        bool is_begun = false;
        const auto* const e = find(from_, to_, is_begun);
        if (e == nullptr) return;
        if (!is_begun) state_.require_settled_around(*e); // or else that would wait for this, and this for that
        refuse_other_rename(*e, from_, to_);
        lists_domain_ = leads_as(*e, from_, state_.site());
        is_marked_ = e->has_class(cls::mailing_list);
        if (!lists_domain_ && !is_marked_) throw absent_list();
        if (!is_begun) state_.require_free(to_);
        public_ = mover{"", from_, to_, *e, is_begun};
    }

    void find_service(std::string_view suffix) {
        mover m{suffix, list_shape::address_of(from_, suffix), list_shape::address_of(to_, suffix), {}};
        const auto* const e = find(m.from, m.to, m.is_begun);
        const auto* const there = at(at_new_, m.to);
        if (e == nullptr && there != nullptr && leads_as(*there, m.to, state_.site())) return void(++done_); // by an earlier run
        if (e == nullptr || !leads_as(*e, m.from, state_.site())) return;
        refuse_other_rename(*e, m.from, m.to);
        if (!m.is_begun) state_.require_free(m.to);
        m.entry = *e;
        if (!lists_domain_) lists_domain_ = leads_as(*e, m.from, state_.site());
        movers_.push_back(std::move(m));
    }

    maildrop target_of(const mover& m) const { return maildrop::parse(list_shape::target(to_.local_part(), m.suffix, lists_domain_->text())); }

    void check_target() {
        if (!lists_domain_) return;
        if (*lists_domain_ == to_.domain()) throw invalid_value(fmt::format("{} would lead to itself: the list server needs a domain of its own, beside {}", to_.text(), to_.domain().text()));
        if (public_) state_.require_no_circle(to_, {target_of(*public_)});
    }

    std::optional<std::size_t> take_places(domain_rooms::room& r) {
        if (public_) movers_.push_back(*public_);
        if (from_.domain() == to_.domain()) return std::nullopt;
        const auto fresh = std::count_if(movers_.begin(), movers_.end(), [](const mover& m) { return !m.is_begun; });
        if (fresh == 0) return std::nullopt;
        const domain_places more{.aliases = static_cast<std::uint64_t>(fresh)};
        state_.rooms.require(r, more);
        state_.rooms.take(r, more);
        return r.claim;
    }

    ldap::dn name_of(const mover& m) const { return new_name_of(m.entry, m.from, m.to, state_.layout()); }

    void give_second_addresses(const std::optional<std::size_t>& claim) {
        for (const mover& m : movers_) {
            auto requests = requests_for_second_address(m.entry, name_of(m), m.to.text(), state_.guard_of(m.entry));
            if (requests.empty()) continue;
            auto& c = item_.add_part(m.from.text(), "moved", m.suffix.empty() ? new_public_name : new_names);
            c.requests = std::move(requests);
            c.claim = claim;
        }
    }

    bool is_own(const ldap::entry& e) const {
        return std::any_of(movers_.begin(), movers_.end(), [&](const mover& m) { return m.entry.first(attr::entry_uuid) == e.first(attr::entry_uuid); });
    }

    void lead_over(const mover& m) {
        state_.lead_over(item_, m.from, m.to, led_over, [&](const ldap::entry& e) { return is_own(e); });
    }

    void keep_alias() {
        state_.require_domain(from_.domain(), is_begun());
        const auto there = state_.session().find(state_.layout().alias(from_));
        if (there && !(there->dn() == public_->entry.dn())) return; // by an earlier run
        state_.keep_as_alias(item_, from_, to_, led_over, is_begun());
    }

    static void take_address(ldap::entry& e, const alias_address& a) {
        std::vector<std::string> left = *e.find(attr::mail);
        std::erase_if(left, [&](const std::string& v) { return ascii::iequals(v, a.text()); });
        e.set(attr::mail, std::move(left));
    }

    /// Made from the address, as those of a new alias are.
    void rename_person(ldap::entry& e, const mover& m) const {
        for (const std::string_view name : {attr::cn, attr::sn})
            if (e.first(name) == m.from.local_part()) e.set(name, m.to.local_part());
    }

    void take_old_address(const mover& m) {
        const ldap::entry both = with_second_address(m.entry, name_of(m), m.to.text());
        ldap::entry after = without_old_address(both, m.from, m.to, state_);
        if (const auto ahead = state_.given_ahead(m.from)) take_address(after, *ahead);
        rename_person(after, m);
        if (leads_as(m.entry, m.from, state_.site())) after.set(attr::maildrop, target_of(m).text());
        const bool is_whole = m.suffix.empty();
        auto& c = is_whole ? item_.add(m.from.text(), "renamed") : item_.add_part(m.from.text(), "renamed", old_services_go);
        if (is_whole) c.stage = old_name_goes;
        c.why = "to " + m.to.text();
        c.requests = {state_.change_of(both, after)};
        if (!is_whole) state_.will_be(m.from.text(), std::nullopt);
        state_.will_be(m.to.text(), std::move(after));
    }

    void tell_of_half() {
        auto& c = item_.add(from_.text(), "renamed");
        c.stage = old_name_goes;
        c.why = "to " + to_.text();
        state_.made.notices.push_back({to_.text(), fmt::format("{} is half removed: its public address went while it was renamed", to_.text())});
    }

    draft::state& state_;
    address from_, to_;
    std::map<std::string, ldap::entry> at_old_, at_new_;
    draft::state::item item_;
    std::optional<mover> public_;
    std::optional<domain_name> lists_domain_;
    bool is_marked_ = false;
    std::vector<mover> movers_; ///< of the service addresses, and then of all
    std::size_t done_ = 0;      ///< service addresses that an earlier run has renamed
};

} // namespace

void draft::rename_list(const address& from, const address& to, const rename_options& options) {
    state_->return_places(to.domain());
    if (from == to) return leave(from.text(), "it is its address already");
    list_renaming(*state_, from, to).plan(options);
}

} // namespace vmail
