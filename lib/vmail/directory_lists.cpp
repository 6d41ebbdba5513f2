#include <map>
#include <set>
#include <utility>

#include <vmail/error.hpp>

#include <vmail/directory.hpp>
#include <vmail/directory_lists.hpp>
#include <vmail/list_shape.hpp>
#include <vmail/schema.hpp>

namespace vmail {

namespace attr = schema::attr;
namespace cls = schema::cls;
using ldap::filter;

std::vector<ldap::entry> find_entries_of_list(ldap::session& s, const layout& where, const address& public_address) {
    std::vector<filter> one_of;
    for (const address& a : mailing_list::addresses_of(public_address)) one_of.push_back(filter::equal(attr::mail, a.text()));
    return s.search({where.container(), ldap::scope::subtree, filter::any_of(one_of), ldap::whole_entry()}).take();
}

template <> std::optional<stored<mailing_list>> directory::find<mailing_list>(const address& name) {
    if (!list_shape::is_name(name.local_part())) return std::nullopt;
    std::vector<stored<alias>> found;
    for (ldap::entry& e : find_entries_of_list(session(), site().layout, name))
        if (e.has_class(cls::alias)) {
            alias value = alias::from_entry(e, site());
            found.push_back({std::move(value), std::move(e)});
        }
    if (found.empty()) find_domain(name.domain()); // throws where it may not be seen
    return mailing_list::named(name, found);
}

namespace {

/// The public address of the list that an alias is of, if it is of one.
std::optional<address> list_of(const stored<alias>& a) {
    const std::string& local = a->address.local_part();
    if (!mailing_list::lists_domain_of(a.value) && !a.source.has_class(cls::mailing_list)) return std::nullopt;
    const auto suffix = list_shape::suffix_of(local);
    const std::string name = suffix ? local.substr(0, local.size() - suffix->size()) : local;
    return list_shape::is_name(name) ? std::optional(address::make(name, a->address.domain())) : std::nullopt;
}

} // namespace

template <>
void directory::for_each<mailing_list>(const list_options& what, const std::function<void(stored<mailing_list>&&)>& visit,
                                       const std::function<void(unreadable_entry&&)>& unreadable) {
    std::set<address> chosen;
    if (what.filter)
        for_each<alias>(
            what, [&](stored<alias>&& a) { if (const auto list = list_of(a); list && alias_address(*list) == a->address) chosen.insert(*list); }, [](unreadable_entry&&) {});
    std::map<address, std::vector<stored<alias>>> parts;
    const auto keep = [&](stored<alias>&& a) {
        const auto list = list_of(a);
        if (list && (!what.filter || chosen.contains(*list))) parts[*list].push_back(std::move(a));
    };
    for_each<alias>({.domain = what.domain}, keep, unreadable);
    for (const auto& [name, aliases] : parts)
        if (auto list = mailing_list::among(name, aliases)) visit(std::move(*list));
}

} // namespace vmail
