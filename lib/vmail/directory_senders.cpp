#include <algorithm>
#include <functional>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>

#include <vmail/directory_senders.hpp>
#include <vmail/naming.hpp>
#include <vmail/references.hpp>
#include <vmail/routing_targets.hpp>
#include <vmail/schema.hpp>

namespace vmail {

namespace attr = schema::attr;
namespace cls = schema::cls;
using ldap::filter;
using routing::sender;
namespace word = routing::sender_word;

namespace {

using is_wanted = std::function<bool(const std::string& target)>;

/// "@domain" is the name of whoever names it there; of a catch-all any.
std::string meant_by(const ldap::entry& e, std::string target) {
    const std::string own = e.first(attr::mail).value_or("");
    if (target.starts_with('@') && !own.starts_with('@')) target.insert(0, own.substr(0, own.rfind('@')));
    return target;
}

bool has_any(const ldap::entry& e, std::string_view attribute, const is_wanted& wanted) {
    const auto* const targets = e.find(attribute);
    return targets != nullptr && std::any_of(targets->begin(), targets->end(), [&](const std::string& value) {
        const auto parts = routing::targets_in(value);
        return std::any_of(parts.begin(), parts.end(), [&](const routing::target& t) { return wanted(meant_by(e, t.text)); });
    });
}

std::string why_not(const service_state& s) {
    if (!s.in_service) return std::string(s.why);
    return s.receives ? std::string() : std::string(routing::loss_word::closed);
}

std::string domain_of(const std::string& address) { return address.substr(address.rfind('@') + 1); }

/// Each part of it by the index on parts of values, as it may stand among others: what names the address, in quotes that it needs not as well, or an extension of it.
filter names(std::string_view attribute, const address& a, const std::string& delimiters) {
    const std::string& local = a.local_part();
    const std::string at_domain = '@' + a.domain().text();
    std::vector<filter> parts = {filter::contains(attribute, a.text()), filter::contains(attribute, '"' + local + '"' + at_domain)};
    for (const char c : delimiters)
        for (const std::string& begin : {local + c, '"' + local + c}) parts.push_back(filter::all_of({filter::contains(attribute, begin), filter::contains(attribute, at_domain)}));
    return filter::any_of(parts);
}

} // namespace

/// What one entry sends to what is wanted.
class directory_senders::reading {
public:
    reading(const site& s, directory_routes& routes, std::vector<sender>& found) : site_(s), routes_(routes), found_(found) {}

    void add(const ldap::entry& e, const is_wanted& wanted) {
        try {
            if (e.has_class(cls::account)) add_mailbox(e, wanted);
            else if (e.has_class(cls::alias)) add_alias(e, wanted);
        } catch (const invalid_value&) { // what others made of it is theirs to know
        }
    }

private:
    void add_alias(const ldap::entry& e, const is_wanted& wanted) {
        if (!has_any(e, attr::maildrop, wanted)) return;
        const auto a = alias::from_entry(e, site_);
        const auto above = routes_.state_of(a.address.domain());
        const auto why = why_not(service_of(a, above, timestamp::now()));
        found_.push_back({a.address.text(), a.address.is_catch_all() ? word::catch_all : word::alias, why.empty() && is_behind_mailbox(a.address.text()) ? std::string(word::behind_mailbox) : why});
    }

    void add_mailbox(const ldap::entry& e, const is_wanted& wanted) {
        const auto m = mailbox::from_entry(e, site_);
        const auto why = why_not(service_of(m, routes_.state_of(m.address.domain()), timestamp::now()));
        const auto unless_off = [&](bool on) { return why.empty() && !on ? std::string(word::switched_off) : why; };
        if (has_any(e, attr::maildrop, wanted)) found_.push_back({m.address.text(), word::forward, unless_off(m.forward.active)});
        if (has_any(e, attr::vacation_forward, wanted)) found_.push_back({m.address.text(), word::vacation_forward, unless_off(m.vacation.active)});
    }

    /// Another entry of the same address, which virtual_alias_maps finds first.
    bool is_behind_mailbox(const std::string& address) const {
        const auto kind = routes_.find(ascii::to_lower(address)).kind;
        return kind == routing::holder::mailbox || kind == routing::holder::forward;
    }

    const site& site_;
    directory_routes& routes_;
    std::vector<sender>& found_;
};

std::vector<sender> directory_senders::find(const std::string& address) {
    if (address.starts_with('@')) return find_of_catch_all(domain_name::parse(domain_of(address)));
    return find_of_address(address::parse(address));
}

std::vector<sender> directory_senders::find_of_address(const address& a) {
    const site& s = directory_.site();
    const auto here = readdressing::of(a, a, s);
    const auto selects = filter::any_of({names(attr::maildrop, a, s.recipient_delimiter), names(attr::vacation_forward, a, s.recipient_delimiter)});
    const std::string whole_domain = '@' + a.domain().text();
    std::vector<sender> found;
    reading read(s, routes_, found);
    const is_wanted leads_here = [&](const std::string& target) {
        if (!here.lead_over(target)) return false;
        return ascii::iequals(routing::recipient::parse(target).key(), routing::recipient::parse(a.text()).key()) || !has_an_entry(target);
    };
    for (const ldap::entry& e : directory_.session().search({s.layout.container(), ldap::scope::subtree, selects, ldap::whole_entry()}))
        if (!naming::holds(e, attr::mail, a.text())) read.add(e, leads_here); // a kept copy is sent by nobody else
    // "@old" that leads to "@new" sends what is for the same name there.
    for (const ldap::entry& e : directory_.session().search({s.layout.container(), ldap::scope::subtree, filter::any_of({filter::equal(attr::maildrop, whole_domain), filter::equal(attr::maildrop, whole_domain + '.')}), ldap::whole_entry()})) {
        const std::size_t before = found.size();
        if (naming::holds(e, attr::mail, a.text())) continue;
        read.add(e, [&](const std::string& target) { return ascii::iequals(target, whole_domain) || leads_here(target); });
        for (std::size_t i = before; i < found.size(); ++i)
            if (found[i].address.starts_with('@')) found[i].address.insert(0, a.local_part());
        std::erase_if(found, [&](const sender& one) { return one.kind == word::catch_all && !one.address.starts_with('@') && has_an_entry(one.address); });
    }
    return found;
}

std::vector<sender> directory_senders::find_of_catch_all(const domain_name& domain) {
    const site& s = directory_.site();
    std::vector<sender> found;
    reading read(s, routes_, found);
    const std::string end = '@' + domain.text();
    const auto selects = filter::any_of({filter::contains(attr::maildrop, end), filter::contains(attr::vacation_forward, end)});
    const is_wanted falls_there = [&](const std::string& target) {
        if (ascii::iequals(target, end)) return true; // a whole domain
        return target.size() > end.size() && ascii::iequals(target.substr(target.size() - end.size()), end) && falls_to_catch_all(target);
    };
    for (const ldap::entry& e : directory_.session().search({s.layout.container(), ldap::scope::subtree, selects, ldap::whole_entry()}))
        if (!naming::holds(e, attr::mail, end)) read.add(e, falls_there);
    return found;
}

bool directory_senders::has_an_entry(const std::string& target) {
    const std::string key = routing::recipient::parse(target).key();
    const auto it = takers_.find(key);
    return it != takers_.end() ? it->second : takers_.emplace(key, routes_.find(key).kind != routing::holder::nobody).first->second;
}

bool directory_senders::falls_to_catch_all(const std::string& target) {
    const auto split = routing::without_extension(routing::recipient::parse(target), directory_.site().recipient_delimiter);
    return !has_an_entry(target) && (!split || !has_an_entry(split->base.text()));
}

} // namespace vmail
