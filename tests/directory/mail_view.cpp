#include "mail_view.hpp"

#include <algorithm>
#include <array>

#include <vmail/ascii.hpp>
#include <vmail/schema.hpp>

using namespace vmail;
namespace attr = schema::attr;
namespace cls = schema::cls;

namespace {

std::vector<std::string> values(const ldap::entry& e, std::string_view name) {
    const auto* const all = e.find(name);
    return all != nullptr ? *all : std::vector<std::string>{};
}

bool is(const ldap::entry& e, std::string_view name, std::string_view word) { return e.first(name) == word; }
bool in_service(const ldap::entry& e) { return is(e, attr::account_active, "TRUE") && !is(e, attr::delete_, "TRUE"); }

std::string domain_of(const std::string& address) { return address.substr(std::min(address.size(), address.rfind('@') + 1)); }

std::string trimmed(const std::string& text) {
    const auto begin = text.find_first_not_of(' ');
    return begin == std::string::npos ? "" : ascii::to_lower(text.substr(begin, text.find_last_not_of(' ') + 1 - begin));
}

bool differs_by_run(const std::string& name) {
    constexpr std::array names = {attr::last_change, attr::creation_date, attr::disabled_at, attr::removed_at};
    return std::any_of(names.begin(), names.end(), [&](std::string_view n) { return ascii::iequals(n, name); });
}

std::string text_of(const ldap::entry& e) {
    std::vector<std::string> lines;
    for (const auto& a : e.attributes())
        if (!differs_by_run(a.name))
            for (const auto& v : a.values) lines.push_back(ascii::to_lower(a.name) + ": " + v + '\n');
    std::sort(lines.begin(), lines.end());
    std::string all = "dn: " + e.dn().text() + '\n';
    for (const auto& l : lines) all += l;
    return all + '\n';
}

} // namespace

struct mail_view::route {
    const std::set<std::string>& ours;
    std::set<std::string> seen{}, ends{};
};

mail_view::mail_view(ldap::session& s, const ldap::dn& container) : container_(container) {
    entries_ = s.search({container, ldap::scope::children}).take();
    for (const auto& e : entries_) {
        for (const auto& mail : values(e, attr::mail)) by_address_.emplace(trimmed(mail), &e);
        if (!e.has_class(cls::domain)) continue;
        for (const auto& name : values(e, attr::vd)) {
            known_.insert(trimmed(name));
            if (in_service(e) && e.dn().parent() == container) served_.insert(trimmed(name));
        }
    }
}

bool mail_view::serves(const std::string& domain) const { return served_.contains(domain); }

/// forwards.cf, accounts.cf, aliases.cf, in the order of main.cf: the first that knows the address.
std::vector<std::string> mail_view::look_up(const std::string& address, bool& is_mailbox) const {
    std::vector<std::string> forwards, accounts, aliases;
    for (auto [it, end] = by_address_.equal_range(address); it != end; ++it) {
        const auto& e = *it->second;
        const auto add = [&](std::vector<std::string>& to, std::string_view name) {
            for (const auto& v : values(e, name)) to.push_back(trimmed(v));
        };
        if (e.has_class(cls::alias) && is(e, attr::account_active, "TRUE")) add(aliases, attr::maildrop);
        if (!e.has_class(cls::account) || !in_service(e)) continue;
        add(accounts, attr::mail);
        if (e.has_class(cls::forward) && is(e, attr::forward_active, "TRUE")) add(forwards, attr::maildrop);
    }
    is_mailbox = !accounts.empty();
    return !forwards.empty() ? forwards : !accounts.empty() ? accounts : aliases;
}

void mail_view::deliver(const std::string& address, route& to) const {
    for (auto [it, end] = by_address_.equal_range(address); it != end; ++it)
        if (const auto& e = *it->second; e.has_class(cls::account)) to.ends.insert(e.first(attr::mailbox).value_or("?"));
}

void mail_view::follow(const std::string& address, route& to) const {
    if (!to.seen.insert(address).second) return;
    const std::string domain = domain_of(address);
    if (address.find('@') == std::string::npos || (!known_.contains(domain) && !to.ours.contains(domain))) {
        to.ends.insert(address);
        return;
    }
    if (!serves(domain)) return;
    const std::size_t at = address.rfind('@'), plus = address.find('+');
    std::vector<std::string> keys = {address};
    if (plus < at) keys.push_back(address.substr(0, plus) + address.substr(at));
    keys.push_back('@' + domain);
    for (const auto& key : keys) {
        bool is_mailbox = false;
        const auto found = look_up(key, is_mailbox);
        if (found.empty()) continue;
        for (const auto& target : found) {
            // An address that stands for itself is delivered.
            if (is_mailbox && target == key) deliver(key, to);
            else follow(target, to);
        }
        return;
    }
}

std::set<std::string> mail_view::reached_by(const std::string& address, const std::set<std::string>& ours) const {
    route to{ours};
    follow(trimmed(address), to);
    return to.ends;
}

std::set<std::string> mail_view::addresses() const {
    std::set<std::string> all;
    for (const auto& [address, e] : by_address_)
        if (!address.starts_with('@')) all.insert(address);
    return all;
}

bool mail_view::receives(const ldap::entry& e) const {
    const auto mails = values(e, attr::mail);
    return in_service(e) && std::any_of(mails.begin(), mails.end(), [&](const std::string& m) { return serves(trimmed(domain_of(m))); });
}

std::vector<std::string> mail_view::dangling(const std::set<std::string>& ours) const {
    std::vector<std::string> found;
    for (const auto& e : entries_) {
        if (!receives(e)) continue;
        for (const auto& name : {attr::maildrop, attr::vacation_forward})
            for (const auto& target : values(e, name))
                if (reached_by(target, ours).empty()) found.push_back(e.dn().text() + " sends to " + target + ", which is not there");
    }
    return found;
}

std::vector<std::string> mail_view::doubles() const {
    std::vector<std::string> found;
    std::map<std::string, int> folders;
    for (const auto& e : entries_)
        if (const auto path = e.first(attr::mailbox); path && ++folders[trimmed(*path)] == 2) found.push_back("folder " + *path);
    for (auto it = by_address_.begin(); it != by_address_.end(); it = by_address_.upper_bound(it->first))
        if (by_address_.count(it->first) > 1) found.push_back("address " + it->first);
    return found;
}

std::vector<std::string> mail_view::leftovers() const {
    std::vector<std::string> found;
    for (const auto& e : entries_) {
        for (const auto& r : values(e, attr::reservation)) found.push_back(e.dn().text() + " has a reservation " + r);
        if (values(e, attr::mail).size() > 1) found.push_back(e.dn().text() + " has two addresses");
        if (values(e, attr::vd).size() > 1) found.push_back(e.dn().text() + " has two names");
    }
    return found;
}

std::string mail_view::text() const {
    std::vector<std::string> all;
    for (const auto& e : entries_) all.push_back(text_of(e));
    std::sort(all.begin(), all.end());
    std::string text;
    for (const auto& e : all) text += e;
    return text;
}
