#include <functional>

#include <vmail/ldap/filter.hpp>
#include <vmail/ldap/session.hpp>

#include <vmail/jobs/known_tree.hpp>
#include <vmail/mail_folder.hpp>
#include <vmail/schema.hpp>

namespace vmail::jobs {

namespace {

namespace attr = schema::attr;
using ldap::filter;

/// From so many on one search for all is cheaper than one for each.
constexpr std::size_t many_lookups = 1000;

std::string folder_of(const ldap::entry& e) { return mail_folder::bare(e.first(attr::mailbox).value_or("")); }

std::size_t hash(const std::string& text) { return std::hash<std::string>()(text); }

} // namespace

known_tree::known_tree(directory& d, std::size_t lookups) : directory_(d) {
    if (lookups >= many_lookups) read_all();
}

void known_tree::read_all() {
    const auto& base = directory_.site().layout.container();
    has_container_ = directory_.session().find(base, ldap::no_attributes()).has_value();
    is_read_ = true;
    if (!has_container_) return;
    directory_.session().for_each({base, ldap::scope::subtree, filter::present(attr::object_class), {std::string(attr::mailbox)}}, [this](ldap::entry&& e) {
        names_.insert(hash(e.dn().key()));
        if (e.has(attr::mailbox)) folders_.insert(hash(folder_of(e)));
    });
}

bool known_tree::may_hold(const ldap::dn& name) const {
    return !is_read_ || !name.is_within(directory_.site().layout.container()) || names_.contains(hash(name.key()));
}

std::optional<ldap::entry> known_tree::find(const ldap::dn& name) {
    if (!may_hold(name)) return std::nullopt;
    return directory_.session().find(name, ldap::whole_entry());
}

std::optional<std::string> known_tree::owner_of_folder(const ldap::entry& wanted) {
    const std::string folder = folder_of(wanted);
    if (folder.empty() || !wanted.dn().is_within(directory_.site().layout.container())) return std::nullopt; // another tree has a store of its own
    if (planned_folders_.contains(hash(folder))) return "another mailbox of this file";
    if (is_read_ && !folders_.contains(hash(folder))) return std::nullopt;
    if (!has_container_) has_container_ = directory_.session().find(directory_.site().layout.container(), ldap::no_attributes()).has_value();
    if (!has_container_) return std::nullopt;
    return mail_folder::owner(directory_.session(), directory_.site().layout, folder, [&](const ldap::entry& e) { return e.dn() == wanted.dn(); });
}

void known_tree::will_hold(const ldap::entry& e) {
    will_hold_name(e.dn());
    if (e.has(attr::mailbox) && e.dn().is_within(directory_.site().layout.container())) planned_folders_.insert(hash(folder_of(e)));
}

void known_tree::will_hold_name(const ldap::dn& name) {
    if (is_read_) names_.insert(hash(name.key()));
}

} // namespace vmail::jobs
