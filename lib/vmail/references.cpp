#include <algorithm>
#include <array>
#include <iterator>
#include <set>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/extension.hpp>
#include <vmail/naming.hpp>
#include <vmail/references.hpp>
#include <vmail/routing_recipient.hpp>
#include <vmail/routing_targets.hpp>
#include <vmail/schema.hpp>

namespace vmail {

using ldap::filter;

namespace {

/// Where an entry may name an address that it sends mail to.
constexpr std::array target_attributes = {schema::attr::maildrop, schema::attr::vacation_forward};
/// Where it names one for people as well: a name that nobody has any more is of no use to them.
constexpr std::array followed_attributes = {schema::attr::maildrop, schema::attr::vacation_forward, schema::attr::list_owner};

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

template <typename Attributes, typename MakeFilter> filter in_any_of(const Attributes& attributes, const MakeFilter& make) {
    std::vector<filter> parts;
    for (const auto name : attributes) parts.push_back(make(name));
    return filter::any_of(parts);
}

} // namespace

readdressing readdressing::of(const address& from, const address& to, const site& s) {
    return {routing::recipient::parse(from.text()).local, from.domain().text(), routing::recipient::parse(to.text()).local, to.domain().text(), s.recipient_delimiter};
}

readdressing readdressing::of(const domain_name& from, const domain_name& to) { return {"", from.text(), "", to.text(), ""}; }

filter readdressing::selects() const {
    return in_any_of(followed_attributes, [this](std::string_view name) {
        // Anywhere in the value: it may be one of several there, or have a name.
        const auto in_domain = filter::contains(name, '@' + from_domain_);
        if (from_local_.empty()) return in_domain;
        std::vector<filter> parts = {filter::contains(name, from_local_ + '@' + from_domain_), filter::all_of({filter::contains(name, "\""), in_domain})};
        for (const char c : delimiter_) parts.push_back(filter::all_of({filter::contains(name, from_local_ + c), in_domain}));
        return filter::any_of(parts);
    });
}

std::optional<std::string> readdressing::lead_over(std::string_view target) const {
    const std::string_view value = trimmed(target);
    const auto parts = routing::targets_in(value);
    std::string led(value);
    bool concerned = false;
    for (auto p = parts.rbegin(); p != parts.rend(); ++p) // from the end: what is before keeps its place
        if (const auto moved = lead_over_address(p->text)) {
            led.replace(p->at, p->length, *moved);
            concerned = true;
        }
    return concerned ? std::optional(std::move(led)) : std::nullopt;
}

std::optional<std::string> readdressing::lead_over_address(std::string_view value) const {
    const std::size_t at = value.rfind('@');
    if (at == std::string_view::npos || !ascii::iequals(value.substr(at + 1), from_domain_)) return std::nullopt;
    if (from_local_.empty()) return std::string(value.substr(0, at)) + '@' + to_domain_;
    const auto rest = rest_of(routing::recipient::parse(value));
    if (!rest) return std::nullopt;
    return routing::recipient{to_local_ + *rest, to_domain_}.text();
}

std::optional<std::string> readdressing::rest_of(const routing::recipient& r) const {
    if (ascii::iequals(r.local, from_local_)) return std::string();
    const auto split = routing::without_extension(r, delimiter_);
    if (!split || !ascii::iequals(split->base.local, from_local_)) return std::nullopt;
    return split->extension;
}

ldap::entry readdressing::lead_over(const ldap::entry& e) const {
    ldap::entry after = e;
    for (const auto name : followed_attributes) {
        const auto* const targets = e.find(name);
        if (targets == nullptr) continue;
        after.erase(name);
        for (const std::string& t : *targets) {
            const auto moved = lead_over(t);
            const auto* const kept = after.find(name);
            const std::string value = moved.value_or(t);
            // Where the new address is among the targets already, in whatever spelling, it stays alone.
            if (moved && kept != nullptr && std::any_of(kept->begin(), kept->end(), [&](const std::string& k) { return ascii::iequals(k, value); })) continue;
            if (moved && std::any_of(targets->begin(), targets->end(), [&](const std::string& k) { return k != t && ascii::iequals(k, value); })) continue;
            after.add_value(name, value);
        }
    }
    return after;
}

ldap::entry readdressing::lead_over_contact(const ldap::entry& e) const {
    const auto* const present = e.find(schema::attr::mail);
    if (present == nullptr) return e;
    ldap::entry after = e;
    std::vector<std::string> led = *present;
    for (std::string& mail : led) mail = lead_over(mail).value_or(mail);
    after.set(schema::attr::mail, std::move(led));
    return after;
}

bool readdressing::concerns(const ldap::entry& e) const {
    return std::any_of(target_attributes.begin(), target_attributes.end(), [&](std::string_view name) {
        const auto* const targets = e.find(name);
        return targets != nullptr && std::any_of(targets->begin(), targets->end(), [this](const std::string& t) { return lead_over(t).has_value(); });
    });
}

ldap::entry readdressing::without(ldap::entry e) const {
    for (const auto name : target_attributes) {
        const auto* const targets = e.find(name);
        if (targets == nullptr) continue;
        std::vector<std::string> left = *targets;
        for (std::string& t : left)
            if (lead_over(t)) t = rest_without(t);
        std::erase_if(left, [](const std::string& t) { return t.empty(); });
        e.set(name, std::move(left));
    }
    return e;
}

std::string readdressing::rest_without(std::string_view target) const {
    std::string rest;
    for (const auto& p : routing::targets_in(target))
        if (!lead_over_address(p.text)) rest += (rest.empty() ? "" : ", ") + p.text;
    return rest;
}

plan_notice notice_of(const ldap::entry& reference, const address& gone) {
    return {gone.text(), fmt::format("{} still sends mail to {}", printable(naming::subject_of(reference)), printable(gone.text()))};
}

std::vector<plan_notice> notices_of(ldap::session& s, const layout& where, const domain_name& gone) {
    constexpr std::size_t a_few = 10;
    const auto leads_there = readdressing::of(gone, gone);
    std::vector<plan_notice> told;
    std::size_t more = 0;
    s.for_each({where.container(), ldap::scope::subtree, leads_there.selects(), ldap::whole_entry()}, [&](ldap::entry&& e) {
        if (!leads_there.concerns(e) || e.dn().is_within(where.domain(gone))) return;
        if (told.size() == a_few) ++more;
        else told.push_back({gone.text(), fmt::format("{} still sends mail to {}", printable(naming::subject_of(e)), gone.text())});
    });
    if (more > 0) told.push_back({gone.text(), fmt::format("so do {} more", more)});
    return told;
}

bool sends_to(const ldap::entry& e, const address& a) {
    const std::string key = routing::recipient::parse(a.text()).key();
    const auto is_it = [&](const routing::target& t) { return routing::recipient::parse(t.text).key() == key; };
    return std::any_of(target_attributes.begin(), target_attributes.end(), [&](std::string_view name) {
        const auto* const values = e.find(name);
        return values != nullptr && std::any_of(values->begin(), values->end(), [&](const std::string& value) {
            const auto parts = routing::targets_in(trimmed(value));
            return std::any_of(parts.begin(), parts.end(), is_it);
        });
    });
}

std::vector<ldap::entry> find_references(ldap::session& s, const layout& where, const address& a) {
    const std::string quoted = '"' + a.local_part() + "\"@" + a.domain().text();
    const auto same = in_any_of(target_attributes, [&](std::string_view name) { return filter::any_of({filter::equal(name, a.text()), filter::equal(name, quoted)}); });
    return s.search({where.container(), ldap::scope::subtree, same, ldap::whole_entry()}).take();
}

std::vector<ldap::entry> find_all_references(ldap::session& s, const site& where, const address& a) {
    const auto here = readdressing::of(a, a, where);
    auto found = s.search({where.layout.container(), ldap::scope::subtree, here.selects(), ldap::whole_entry()}).take();
    std::erase_if(found, [&](const ldap::entry& e) { return !here.concerns(e); });
    return found;
}

namespace {

/// Where an address may stand that Postfix finds, and that is not all of the value.
constexpr std::string_view parting = ",< (;";

bool is_of_parts(std::string_view value) { return value.find_first_of(parting) != std::string_view::npos || value.ends_with('.'); }

/// What each target is an extension of, and what is not all of a value; no target twice.
std::set<std::string> extended_by(const ldap::entry& e, const site& s) {
    std::set<std::string> all;
    for (const auto name : target_attributes) {
        const auto* const targets = e.find(name);
        for (const std::string& value : targets != nullptr ? *targets : std::vector<std::string>{})
            for (const auto& t : routing::targets_in(trimmed(value))) try {
                const auto a = address::parse(t.text);
                if (const auto base = without_extension(a, s)) all.insert(base->key());
                if (is_of_parts(value)) all.insert(a.key());
            } catch (const invalid_value&) { // no address, and so no extension of one
            }
    }
    return all;
}

} // namespace

void extension_references::read() {
    is_read_ = true;
    const auto may_be = in_any_of(target_attributes, [&](std::string_view name) {
        std::vector<filter> parts = {filter::ends_with(name, ".")};
        for (const char c : parting) parts.push_back(filter::contains(name, std::string(1, c)));
        for (const char c : site_.recipient_delimiter) parts.push_back(filter::contains(name, std::string(1, c)));
        return filter::any_of(parts);
    });
    std::vector<std::string> wanted = {std::string(schema::attr::mail), std::string(schema::attr::entry_uuid), std::string(schema::attr::entry_csn)};
    wanted.insert(wanted.end(), target_attributes.begin(), target_attributes.end());
    session_.for_each({site_.layout.container(), ldap::scope::subtree, may_be, wanted}, [this](ldap::entry&& e) {
        for (const auto& base : extended_by(e, site_)) by_address_.emplace(base, e);
    });
}

std::vector<ldap::entry> extension_references::find_all(const address& a) {
    if (!is_read_) read();
    auto all = find_references(session_, site_.layout, a);
    const std::size_t itself = all.size();
    const auto [first, last] = by_address_.equal_range(a.key());
    for (auto it = first; it != last; ++it) {
        const bool known = std::any_of(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(itself), [&](const ldap::entry& e) { return e.dn() == it->second.dn(); });
        if (!known) all.push_back(it->second);
    }
    return all;
}

std::vector<ldap::entry> owned_lists::find_all(const address& a) {
    const std::vector<std::string> wanted = {std::string(schema::attr::mail), std::string(schema::attr::list_owner)};
    if (!all_) all_ = session_.search({site_.layout.container(), ldap::scope::subtree, filter::equal(schema::attr::object_class, schema::cls::mailing_list), wanted}).take();
    const auto here = readdressing::of(a, a, site_);
    std::vector<ldap::entry> found;
    std::copy_if(all_->begin(), all_->end(), std::back_inserter(found), [&](const ldap::entry& e) {
        const auto* const owners = e.find(schema::attr::list_owner);
        return owners != nullptr && std::any_of(owners->begin(), owners->end(), [&](const std::string& o) { return here.lead_over(o).has_value(); });
    });
    return found;
}

plan_notice notice_of_owner(const ldap::entry& list, const address& gone) {
    return {gone.text(), fmt::format("{} stays an owner of the mailing list {}", printable(gone.text()), printable(naming::subject_of(list)))};
}

} // namespace vmail
