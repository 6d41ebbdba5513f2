#include <algorithm>
#include <utility>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/login.hpp>
#include <vmail/schema.hpp>

#include <vmail/activity/account_name.hpp>
#include <vmail/activity/roster.hpp>

namespace vmail::activity {

namespace {

namespace attr = schema::attr;

constexpr std::size_t names_at_once = 100;

std::optional<address> address_of(const std::string& account) {
    try {
        return address::parse(account);
    } catch (const invalid_value&) { // whoever guesses at names writes anything
        return std::nullopt;
    }
}

person person_of(const stored<mailbox>& m, timestamp now) {
    person p{m->address, {account_name(m->address.text())}, service_of(m.value, {}, now)};
    for (const std::string& name : login::all_of(m.source)) p.names.push_back(account_name(name));
    return p;
}

} // namespace

void roster::expect(std::span<const std::string> accounts) {
    while (!accounts.empty()) {
        const auto some = accounts.first(std::min(accounts.size(), names_at_once));
        expect_some(some);
        accounts = accounts.subspan(some.size());
    }
}

void roster::expect_some(std::span<const std::string> accounts) {
    std::vector<address> addresses;
    std::vector<std::string> logins;
    for (const std::string& account : accounts) {
        if (known_.contains(account)) continue;
        if (auto a = address_of(account)) addresses.push_back(std::move(*a));
        else if (!by_login_.contains(account) && account != unreadable_name) logins.push_back(account);
    }
    resolve_logins(logins);
    for (const std::string& login : logins)
        for (const std::string& found : by_login_[login]) addresses.push_back(address::parse(found));
    directory_.look_ahead<mailbox>(addresses);
    for (const std::string& account : accounts) find(account);
}

void roster::resolve_logins(const std::vector<std::string>& logins) {
    if (logins.empty()) return;
    std::vector<ldap::filter> any;
    for (const std::string& login : logins) {
        by_login_[login];
        any.push_back(ldap::filter::equal(attr::uid, login));
    }
    const auto found = directory_.session().search({directory_.site().layout.container(), ldap::scope::subtree, ldap::filter::any_of(any), {std::string(attr::uid), std::string(attr::mail), std::string(attr::mailbox)}});
    for (const auto& e : found)
        for (const std::string& uid : login::all_of(e)) {
            const auto asked = by_login_.find(account_name(uid));
            const auto mail = e.first(attr::mail);
            if (asked != by_login_.end() && mail && address_of(*mail)) asked->second.push_back(*mail);
        }
}

std::optional<person> roster::look_up(const std::string& account) {
    if (const auto a = address_of(account))
        if (const auto m = directory_.find<mailbox>(*a)) return person_of(*m, now_);
    if (!by_login_.contains(account)) resolve_logins({account}); // also of what looks like an address and is none
    const auto& found = by_login_[account];
    if (found.size() != 1) return std::nullopt;
    const auto m = directory_.find<mailbox>(address::parse(found.front()));
    return m ? std::optional(person_of(*m, now_)) : std::nullopt;
}

const person* roster::find(const std::string& account) {
    auto at = known_.find(account);
    if (at == known_.end()) at = known_.emplace(account, account == unreadable_name ? std::nullopt : look_up(account)).first;
    return at->second ? &*at->second : nullptr;
}

} // namespace vmail::activity
