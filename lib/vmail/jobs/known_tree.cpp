#include <functional>
#include <vector>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/ldap/session.hpp>

#include <vmail/jobs/known_tree.hpp>
#include <vmail/address.hpp>
#include <vmail/login.hpp>
#include <vmail/mail_folder.hpp>
#include <vmail/naming.hpp>
#include <vmail/schema.hpp>

namespace vmail::jobs {

namespace {

namespace attr = schema::attr;
using ldap::filter;

/// From so many on one search for all is cheaper than one for each.
constexpr std::size_t many_lookups = 1000;

std::string folder_of(const ldap::entry& e) { return mail_folder::bare(e.first(attr::mailbox).value_or("")); }

std::vector<std::string> addresses_of(const ldap::entry& e) {
    const auto* const values = e.find(attr::mail);
    return values != nullptr ? *values : std::vector<std::string>{};
}

/// Whoever runs a domain does not see o=hosting, and may search from there all the same.
bool is_there(ldap::session& s, const ldap::dn& container) {
    if (s.find(container, ldap::no_attributes())) return true;
    try {
        s.require_absent(container);
        return false;
    } catch (const denied&) {
        return true;
    }
}

std::size_t hash(const std::string& text) { return std::hash<std::string>()(text); }

} // namespace

known_tree::known_tree(directory& d, std::size_t lookups) : directory_(d) {
    if (lookups >= many_lookups) read_all();
}

void known_tree::read_all() {
    const auto& base = directory_.site().layout.container();
    has_container_ = is_there(directory_.session(), base);
    is_read_ = true;
    if (!has_container_) return;
    directory_.session().for_each({base, ldap::scope::subtree, filter::present(attr::object_class), {std::string(attr::mailbox), std::string(attr::uid), std::string(attr::mail)}}, [this](ldap::entry&& e) {
        names_.insert(hash(e.dn().key()));
        if (e.has(attr::mailbox)) folders_.add(folder_of(e));
        for (const std::string& uid : login::all_of(e)) logins_.insert(hash(ascii::to_lower(uid)));
        for (const std::string& mail : addresses_of(e)) addresses_.insert(hash(ascii::to_lower(mail)));
    });
}

bool known_tree::may_hold(const ldap::dn& name) const {
    return !is_read_ || !name.is_within(directory_.site().layout.container()) || names_.contains(hash(name.key()));
}

std::optional<ldap::entry> known_tree::find(const ldap::dn& name) {
    if (!may_hold(name)) return std::nullopt;
    return directory_.session().find(name, ldap::whole_entry());
}

bool known_tree::is_among_mailboxes(const ldap::entry& wanted) {
    const auto& container = directory_.site().layout.container();
    if (!wanted.dn().is_within(container)) return false; // another tree has a store of its own
    if (!has_container_) has_container_ = is_there(directory_.session(), container);
    return has_container_;
}

std::optional<std::string> known_tree::owner_of_folder(const ldap::entry& wanted, const is_own_entry& own) {
    const std::string folder = folder_of(wanted);
    if (folder.empty()) return std::nullopt;
    if (planned_folders_.holds(folder)) return "another mailbox of this file";
    if ((is_read_ && !folders_.holds(folder)) || !is_among_mailboxes(wanted)) return std::nullopt;
    return mail_folder::owner(directory_.session(), directory_.site().layout, folder, own);
}

std::optional<std::string> known_tree::former_owner_of_folder(const ldap::entry& wanted) {
    const std::string folder = folder_of(wanted);
    if (folder.empty() || !is_among_mailboxes(wanted)) return std::nullopt;
    return mail_folder::owner_before(directory_.options().former_owner, wanted.first(attr::vd_home).value_or(directory_.site().mail_home), folder, naming::subject_of(wanted));
}

namespace {

/// Each folder around it, the outermost first.
template <typename Act> void each_around(const std::string& folder, const Act& act) {
    for (std::size_t slash = folder.find('/'); slash != std::string::npos; slash = folder.find('/', slash + 1)) act(hash(folder.substr(0, slash)));
}

} // namespace

void known_tree::folder_tree::add(const std::string& folder) {
    folders.insert(hash(folder));
    each_around(folder, [this](std::size_t key) { above.insert(key); });
}

bool known_tree::folder_tree::holds(const std::string& folder) const { return folders.contains(hash(folder)); }
bool known_tree::folder_tree::is_around(const std::string& folder) const { return above.contains(hash(folder)); }
bool known_tree::folder_tree::is_inside(const std::string& folder) const {
    bool found = false;
    each_around(folder, [&](std::size_t key) { found = found || folders.contains(key); });
    return found;
}

std::optional<std::string> known_tree::neighbour_of_folder(const ldap::entry& wanted, const is_own_entry& own) {
    const std::string folder = folder_of(wanted);
    if (folder.empty()) return std::nullopt;
    if (planned_folders_.is_around(folder) || planned_folders_.is_inside(folder)) return "another mailbox of this file";
    if (!is_among_mailboxes(wanted)) return std::nullopt;
    if (!is_read_ || folders_.is_inside(folder))
        if (auto around = mail_folder::owner_around(directory_.session(), directory_.site().layout, folder, own)) return around;
    const bool may_hold_others = is_read_ ? folders_.is_around(folder) : !mail_folder::is_usual(folder, naming::subject_of(wanted));
    return may_hold_others ? owner_inside(wanted, folder) : std::nullopt;
}

/// Of what the domain holds; where all names were read, of what any does.
std::optional<std::string> known_tree::owner_inside(const ldap::entry& wanted, const std::string& folder) {
    const ldap::dn& below = is_read_ ? directory_.site().layout.container() : wanted.dn().parent();
    const auto [at, is_new] = contents_.try_emplace(below.key());
    if (is_new && find(below)) // else the same file makes it
        at->second = mail_folder::contents(directory_.session(), below);
    return at->second.owner_inside(folder, wanted.first(attr::entry_uuid).value_or(""));
}

std::optional<std::string> known_tree::owner_of_login(const ldap::entry& wanted, const is_own_entry& own) {
    for (const std::string& uid : login::all_of(wanted)) {
        const std::size_t key = hash(ascii::to_lower(uid));
        if (planned_logins_.contains(key)) return "another mailbox of this file";
        const bool may_be_there = !is_read_ || logins_.contains(key) || login::may_be_an_address(uid);
        if (!may_be_there || !is_among_mailboxes(wanted)) continue;
        if (auto owner = login::owner(directory_.session(), directory_.site().layout, uid, own)) return owner;
    }
    return std::nullopt;
}

std::optional<std::string> known_tree::owner_of_address(const ldap::entry& wanted, const is_own_entry& own) {
    for (const std::string& mail : addresses_of(wanted)) {
        const std::size_t key = hash(ascii::to_lower(mail));
        if (planned_addresses_.contains(key)) return "another entry of this file";
        if ((is_read_ && !addresses_.contains(key)) || !is_among_mailboxes(wanted)) continue;
        const auto& container = directory_.site().layout.container();
        for (const auto& e : directory_.session().search({container, ldap::scope::subtree, filter::equal(attr::mail, mail), {std::string(attr::entry_uuid)}}))
            if (!own(e)) return e.dn().text();
    }
    return std::nullopt;
}

void known_tree::will_hold(const ldap::entry& e) {
    will_hold_name(e.dn());
    if (!e.dn().is_within(directory_.site().layout.container())) return;
    if (e.has(attr::mailbox)) planned_folders_.add(folder_of(e));
    for (const std::string& uid : login::all_of(e)) planned_logins_.insert(hash(ascii::to_lower(uid)));
    for (const std::string& mail : addresses_of(e)) planned_addresses_.insert(hash(ascii::to_lower(mail)));
}

void known_tree::will_free(const ldap::dn& name) {
    if (const auto mail = naming::rdn_value(name, attr::mail)) planned_addresses_.erase(hash(ascii::to_lower(*mail)));
}

void known_tree::will_hold_name(const ldap::dn& name) {
    if (is_read_) names_.insert(hash(name.key()));
}

} // namespace vmail::jobs
