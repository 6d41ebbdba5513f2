#include <algorithm>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>

#include <vmail/list_shape.hpp>
#include <vmail/mailing_list.hpp>
#include <vmail/schema.hpp>

namespace vmail {

namespace {

bool is_marked(const stored<alias>& a) { return a.source.has_class(schema::cls::mailing_list); }

bool leads_to(const stored<alias>& a, const std::optional<domain_name>& lists) { return lists && mailing_list::lists_domain_of(a.value) == lists; }

/// An alias of the address, or null.
const stored<alias>* find(const std::vector<stored<alias>>& all, const address& a) {
    const auto it = std::find_if(all.begin(), all.end(), [&](const stored<alias>& e) { return e->address == alias_address(a); });
    return it == all.end() ? nullptr : &*it;
}

void copy_state(mailing_list& to, const alias& from) {
    static_cast<entry_state&>(to) = from;
    to.owners = from.list_owners;
    to.description = from.description;
}

} // namespace

std::vector<address> mailing_list::addresses_of(const vmail::address& public_address) {
    std::vector<vmail::address> all = {public_address};
    for (const std::string_view suffix : list_shape::service_suffixes) all.push_back(list_shape::address_of(public_address, suffix));
    return all;
}

std::optional<domain_name> mailing_list::lists_domain_of(const alias& a) {
    if (a.targets.size() != 1 || a.address.is_catch_all()) return std::nullopt;
    try {
        const auto to = vmail::address::parse(a.targets.front().text());
        const bool is_so = ascii::iequals(to.local_part(), a.address.local_part()) && !(to.domain() == a.address.domain());
        return is_so ? std::optional(to.domain()) : std::nullopt;
    } catch (const invalid_value&) { // a login of the server, or whatever others put there
        return std::nullopt;
    }
}

std::optional<stored<mailing_list>> mailing_list::among(const vmail::address& public_address, const std::vector<stored<alias>>& found, std::size_t least) {
    const stored<alias>* const open = find(found, public_address);
    const bool marked = open != nullptr && is_marked(*open);
    if (open != nullptr && !marked && !lists_domain_of(open->value)) return std::nullopt;
    mailing_list list(open != nullptr ? address::make(open->value.address.local_part(), open->value.address.domain()) : public_address);
    list.has_public_address = open != nullptr;
    for (const vmail::address& a : addresses_of(public_address)) {
        const stored<alias>* const e = find(found, a);
        const bool is_part = e != nullptr && (e == open || lists_domain_of(e->value));
        if (is_part) list.entries.push_back(*e);
        if (is_part && !list.lists_domain) list.lists_domain = lists_domain_of(e->value);
        if (!is_part || !leads_to(*e, list.lists_domain)) list.missing.push_back(a);
    }
    const std::size_t services = list.entries.size() - (open != nullptr ? 1 : 0);
    if (list.entries.empty() || (!marked && services < least)) return std::nullopt;
    copy_state(list, list.entries.front().value);
    ldap::entry source = list.entries.front().source;
    return stored<mailing_list>{std::move(list), std::move(source)};
}

std::optional<stored<mailing_list>> mailing_list::named(const vmail::address& public_address, const std::vector<stored<alias>>& found) {
    return find(found, public_address) != nullptr ? among(public_address, found) : among(public_address, found, 1);
}

} // namespace vmail
