#include <algorithm>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/domain_way.hpp>
#include <vmail/draft_second_address.hpp>
#include <vmail/draft_state.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/naming.hpp>
#include <vmail/references.hpp>

namespace vmail {

namespace attr = schema::attr;
namespace cls = schema::cls;
using ldap::filter;

namespace {

// The mark goes ahead: from then on nothing is begun there that this would not find. Then one address does: where the server takes no change, that is told once.
constexpr std::size_t domain_is_marked = 0, one_has_both = 1, addresses_have_both = 2, domain_has_both = 3, names_are_new = 4, references = 5, old_addresses_go = 6, old_domain_goes = 7;

/// A domain on its way to another name. Its entry takes what is below it along; with both names it serves both, and so what is in it has both addresses before.
class domain_renaming {
public:
    domain_renaming(draft::state& s, const domain_name& from, const domain_name& to) : state_(s), from_(from), to_(to), item_(s) {}

    void plan() {
        find_domain();
        look_at_contents();
        if (domain_.dn() != name_) move_domain();
        plan_contents();
        finish();
    }

    /// Nothing, where the name is another domain's by now.
    void plan_latecomers() {
        const auto there = state_.session().find(name_, ldap::whole_entry());
        if (!there || has_both_names(*there) || state_.is_here(from_)) return;
        domain_ = *there;
        look_at_contents();
        plan_contents();
        if (!item_.empty()) item_.commit();
    }

private:
    void move_domain() {
        ldap::entry marked = domain_;
        std::vector<std::string> names = *marked.find(attr::vd);
        std::erase_if(names, [](const std::string& n) { return domain_way::goal_of(n).has_value(); });
        names.push_back(domain_way::mark_of(to_));
        marked.set(attr::vd, std::move(names));
        auto guard = state_.guard_of(domain_);
        if (!is_on_its_way(domain_, to_)) {
            item_.add_part(from_.text(), "moved", domain_is_marked).requests = {state_.change_of(domain_, marked)};
            guard = vmail::guard_of(domain_);
        }
        item_.add_part(from_.text(), "moved", domain_has_both).requests = {ldap::rename_request{domain_.dn(), name_, guard, true}};
        domain_ = std::move(marked);
    }

    static bool is_on_its_way(const ldap::entry& domain, const domain_name& to) { return naming::holds(domain, attr::vd, domain_way::mark_of(to)); }

    /// It was to get the name that it is to lose now, and did not yet: nothing has been led over to that.
    bool goes_back_early() const { return domain_.dn() == name_ && !has_both_names(domain_) && is_on_its_way(domain_, from_); }

    void plan_contents() {
        for (const ldap::entry& e : contents_) give_second_address(e);
        if (!goes_back_early()) lead_over();
        if (domain_.dn() != name_) require_no_circle();
        for (const ldap::entry& e : contents_) take_old_address(e);
    }

    /// What leads to the new name led out of the site before.
    void require_no_circle() {
        const auto leads_there = readdressing::of(to_, to_);
        const auto leading = state_.session().search({state_.layout().container(), ldap::scope::subtree, leads_there.selects(), ldap::whole_entry()});
        if (leading.empty()) return;
        draft::state after(state_.directory, {}); // what is planned here may still be refused
        rename_in(after);
        for (const ldap::entry& e : leading) {
            const auto own = both_.find(e.dn().key());
            if (leads_there.concerns(e)) require_no_circle(after, own == both_.end() ? e : own->second);
        }
    }

    void rename_in(draft::state& after) const {
        ldap::entry renamed = domain_;
        renamed.set_dn(name_);
        renamed.set(attr::vd, to_.text());
        after.will_be(from_.text(), std::nullopt);
        after.will_be(to_.text(), std::move(renamed));
        for (const ldap::entry& e : contents_) {
            const alias_address old = *old_address_of(e), fresh = new_address_of(old);
            ldap::entry last = both_.at(e.dn().key());
            last.set(attr::mail, fresh.text());
            naming::settle(last);
            after.will_be(old.text(), std::nullopt);
            after.will_be(fresh.text(), std::move(last));
        }
    }

    void require_no_circle(draft::state& after, const ldap::entry& e) {
        const auto led = readdressing::of(from_, to_).lead_over(e);
        const auto old = old_address_of(e);
        const alias_address name = old ? new_address_of(*old) : alias_address::parse(naming::address_text(e));
        if (e.has_class(cls::account)) {
            const auto f = mailbox::from_entry(led, after.site()).forward;
            if (f.active) after.require_no_circle(name, f.targets);
            return;
        }
        const auto targets = alias::from_entry(led, after.site()).targets;
        const bool is_alone = std::all_of(targets.begin(), targets.end(), [&](const maildrop& t) { return t.key() == name.key(); });
        if (is_alone) throw invalid_value(fmt::format("{} cannot be renamed: mail to {} would be sent to itself", printable(naming::subject_of(e)), name.text()), {.dn = e.dn().text()});
        after.require_no_circle(name, targets);
    }

    void find_domain() {
        const auto old = state_.session().find(state_.layout().domain(from_), ldap::whole_entry());
        const auto taken = state_.session().find(name_, ldap::whole_entry());
        const bool is_old = old && old->has_class(cls::domain);
        if (!old) state_.find<domain>(from_); // throws where it may not be seen
        if (!old) state_.require_unborne(from_, name_);
        if (taken && (has_both_names(*taken) || is_on_its_way(*taken, from_) || (!old && holds_old_addresses(*taken)))) domain_ = *taken;
        else if (!is_old)
            throw not_found(fmt::format("there is no domain {}{}", from_.text(), taken ? fmt::format(", but there is {}: it may have been renamed already", to_.text()) : ""),
                            {.dn = state_.layout().domain(from_).text()});
        else if (taken) throw already_there(*old, *taken);
        else domain_ = *old;
        if (taken && old && !goes_back_early())
            throw already_exists(fmt::format("{} is being renamed from {}, and there is a domain {} again", to_.text(), from_.text(), from_.text()),
                                 {.dn = old->dn().text(), .hint = "remove the new one first"});
        state_.require_settled(domain_, {from_, to_});
        state_.require_unborne(to_, domain_.dn());
        if (domain_.first(attr::delete_) == "TRUE") throw not_found(fmt::format("the domain {} is removed", from_.text()), {.dn = domain_.dn().text()});
    }

    already_exists already_there(const ldap::entry& own, const ldap::entry& taken) const {
        if (!is_on_its_way(own, to_))
            return already_exists(fmt::format("the domain {} exists already", to_.text()), {.dn = taken.dn().text(), .remedy = remedy::rename_one_by_one, .subject = std::string(to_.text())});
        return already_exists(fmt::format("{} is being renamed to {}, and there is a domain {} by now", from_.text(), to_.text(), to_.text()),
                              {.dn = taken.dn().text(), .hint = fmt::format("remove that, or rename {} to {}, which takes back what was begun", to_.text(), from_.text())});
    }

    /// What somebody added while the rename was carried out, and so was in no plan, has come along with the domain.
    bool holds_old_addresses(const ldap::entry& e) const {
        const auto old = filter::all_of({naming::mailbox_or_alias(), filter::ends_with(attr::mail, '@' + from_.text())});
        return e.has_class(cls::domain) && !state_.session().search({e.dn(), ldap::scope::children, old, ldap::no_attributes()}).empty();
    }

    bool has_both_names(const ldap::entry& e) const { return naming::holds(e, attr::vd, from_.text()); }

    /// All of it, before the first write: what cannot be renamed stops it all.
    void look_at_contents() {
        const auto all = state_.session().search({domain_.dn(), ldap::scope::children, naming::mailbox_or_alias(), ldap::whole_entry()});
        for (const ldap::entry& e : all)
            if (old_address_of(e)) contents_.push_back(e);
        refuse_other_renames();
        refuse_taken_addresses();
    }

    void refuse_taken_addresses() const {
        std::unordered_map<std::string, const ldap::entry*> holders; // by address in lower case
        const auto there = state_.session().search({state_.layout().container(), ldap::scope::subtree, filter::ends_with(attr::mail, '@' + to_.text()), {std::string(attr::mail)}});
        for (const ldap::entry& e : there) {
            if (!e.dn().is_within(domain_.dn())) throw already_exists(fmt::format("{} has an address in {} already", e.dn().text(), to_.text()), {.dn = e.dn().text()});
            for (const std::string& v : *e.find(attr::mail)) holders.emplace(ascii::to_lower(v), &e);
        }
        for (const ldap::entry& e : contents_) {
            const auto to = new_address_of(*old_address_of(e));
            const auto it = holders.find(to.key());
            if (it == holders.end() || it->second->dn() == e.dn()) continue;
            throw already_exists(fmt::format("{} cannot be renamed: {} has the address {} already", e.dn().text(), it->second->dn().text(), to.text()), {.dn = e.dn().text()});
        }
    }

    /// What has a second address, in this domain or out of it, has one that would be left behind. Where the domain has its new name already, what was renamed into
    /// it at that moment has come along, and its own rename cannot be finished before this one.
    void refuse_other_renames() {
        const auto has_name_of = [](const domain_name& d) { return filter::ends_with(attr::mail, '@' + d.text()); };
        const auto any = filter::all_of({naming::mailbox_or_alias(), filter::any_of({has_name_of(from_), has_name_of(to_)})});
        for (const ldap::entry& e : state_.session().search({state_.layout().container(), ldap::scope::subtree, any, {std::string(attr::mail)}})) {
            const std::string own = naming::subject_of(e);
            if (domain_.dn() == name_ && e.dn().is_within(name_)) continue;
            state_.require_one_address(e, [&](const alias_address& a) {
                const auto is_in = [&](const domain_name& d) { return ascii::iequals(own, a.local_part() + '@' + d.text()); };
                return is_old_or_new(a.domain()) && (is_in(from_) || is_in(to_));
            });
        }
    }

    bool is_old_or_new(const domain_name& d) const { return d == from_ || d == to_; }

    /// The one that it is named by, where it is named by one. Throws invalid_value for a value that is no address: it could be led nowhere.
    std::optional<alias_address> old_address_of(const ldap::entry& e) const {
        std::vector<std::string> values = e.find(attr::mail) != nullptr ? *e.find(attr::mail) : std::vector<std::string>{};
        if (const auto name = naming::rdn_value(e.dn(), attr::mail)) std::stable_partition(values.begin(), values.end(), [&](const std::string& v) { return ascii::iequals(v, *name); });
        for (const std::string& v : values) {
            const std::size_t at = v.rfind('@');
            if (at == std::string::npos || !ascii::iequals(std::string_view(v).substr(at + 1), from_.text())) continue;
            try {
                return alias_address::parse(v);
            } catch (const invalid_value& fault) {
                throw invalid_value(fmt::format("{} cannot be renamed: {}", e.dn().text(), fault.what()), {.dn = e.dn().text()});
            }
        }
        return std::nullopt;
    }

    alias_address new_address_of(const alias_address& a) const {
        return a.is_catch_all() ? alias_address::catch_all(to_) : alias_address(address::make(a.local_part(), to_));
    }

    /// Below the domain's new name, where it is by now, and named by the new address if it was named by the old one.
    ldap::dn new_name_for(const ldap::entry& e) const {
        const auto mail = naming::rdn_value(e.dn(), attr::mail);
        if (mail && e.dn().parent() == domain_.dn() && ascii::iequals(*mail, old_address_of(e)->text())) return name_.child(attr::mail, new_address_of(*old_address_of(e)).text());
        return e.dn().rebased(domain_.dn(), name_);
    }

    ldap::entry taken_along(ldap::entry e) const {
        e.set_dn(e.dn().rebased(domain_.dn(), name_));
        return e;
    }

    void give_second_address(const ldap::entry& e) {
        const std::string mail = new_address_of(*old_address_of(e)).text();
        const bool is_served = domain_.dn() == name_; // by its new name: the address comes with that of the entry
        ldap::entry with_mail = e;
        if (!is_served && !naming::holds(e, attr::mail, mail)) {
            with_mail.add_value(attr::mail, mail);
            const auto stage = std::exchange(has_gone_ahead_, true) ? addresses_have_both : one_has_both;
            item_.add_part(naming::subject_of(e), "moved", stage).requests = {addition_of_mail(e, mail, state_.guard_of(e))};
        }
        auto requests = requests_for_second_address(taken_along(with_mail), new_name_for(e), mail, vmail::guard_of(e));
        if (!requests.empty()) item_.add_part(naming::subject_of(e), "moved", names_are_new).requests = std::move(requests);
        both_.insert_or_assign(e.dn().key(), with_second_address(e, new_name_for(e), mail));
    }

    void lead_over() {
        const auto readdress = readdressing::of(from_, to_);
        const auto pointing = state_.session().search({state_.layout().container(), ldap::scope::subtree, readdress.selects(), ldap::whole_entry()});
        for (const ldap::entry& found : pointing) {
            const auto own = both_.find(found.dn().key());
            const ldap::entry e = own != both_.end() ? own->second : found.dn().is_within(domain_.dn()) ? taken_along(found) : found;
            const ldap::entry after = readdress.lead_over(e);
            if (auto request = state_.request_for(e, after)) item_.add_part(naming::subject_of(found), "led over", references).requests = {std::move(*request)};
            if (own != both_.end()) own->second = after;
        }
        lead_over_administrators(readdress);
    }

    void lead_over_administrators(const readdressing& readdress) {
        for (ldap::entry& e : state_.administrators()) {
            ldap::entry after = readdress.lead_over_contact(e);
            if (naming::holds(e, attr::vd, from_.text())) after.set(attr::vd, domains_of(e));
            state_.change_administrator(item_, e, std::move(after), references);
        }
    }

    std::vector<std::string> domains_of(const ldap::entry& virtual_admin) const {
        std::vector<std::string> domains = *virtual_admin.find(attr::vd);
        std::erase_if(domains, [&](const std::string& d) { return ascii::iequals(d, from_.text()) || ascii::iequals(d, to_.text()); });
        domains.push_back(to_.text());
        return domains;
    }

    void take_old_address(const ldap::entry& e) {
        const alias_address old = *old_address_of(e);
        const ldap::entry& both = both_.at(e.dn().key());
        const ldap::entry after = without_old_address(both, old, new_address_of(old), state_);
        item_.add_part(old.text(), "renamed", old_addresses_go).requests = {state_.change_of(both, after)};
        state_.will_be(new_address_of(old).text(), after);
    }

    void finish() {
        ldap::entry both = domain_;
        both.set_dn(name_);
        both.add_value(attr::vd, to_.text());
        ldap::entry after = both;
        std::vector<std::string> names = *both.find(attr::vd);
        std::erase_if(names, [&](const std::string& n) { return ascii::iequals(n, from_.text()) || domain_way::goal_of(n); });
        after.set(attr::vd, std::move(names));
        auto& c = item_.add(from_.text(), "renamed");
        c.why = "to " + to_.text();
        c.stage = old_domain_goes;
        if (auto request = state_.request_for(both, after)) c.requests = {std::move(*request)};
        item_.commit();
        state_.will_be(from_.text(), std::nullopt);
        state_.will_be(to_.text(), std::move(after));
    }

    draft::state& state_;
    domain_name from_, to_;
    draft::state::item item_;
    ldap::dn name_ = state_.layout().domain(to_);
    ldap::entry domain_{};
    bool has_gone_ahead_ = false;
    std::vector<ldap::entry> contents_;                   ///< that still have an old address
    std::unordered_map<std::string, ldap::entry> both_;   ///< each of them with both addresses, by its present name
};

} // namespace

void draft::lead_over_latecomers(const domain_name& from, const domain_name& to) {
    if (!(from == to)) domain_renaming(*state_, from, to).plan_latecomers();
}

void draft::rename(const domain_name& from, const domain_name& to) {
    if (from == to) return leave(from.text(), "it is its name already");
    domain_renaming(*state_, from, to).plan();
}

} // namespace vmail
