#include <array>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/printable.hpp>

#include <vmail/naming.hpp>
#include <vmail/references.hpp>
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

readdressing readdressing::of(const address& from, const address& to) {
    return {from.local_part(), from.domain().text(), to.local_part(), to.domain().text()};
}

readdressing readdressing::of(const domain_name& from, const domain_name& to) { return {"", from.text(), "", to.text()}; }

filter readdressing::selects() const {
    return in_any_of(followed_attributes, [this](std::string_view name) {
        const auto in_domain = filter::ends_with(name, '@' + from_domain_);
        if (from_local_.empty()) return in_domain;
        return filter::any_of({filter::equal(name, from_local_ + '@' + from_domain_), filter::all_of({filter::begins_with(name, from_local_ + '+'), in_domain})});
    });
}

std::optional<std::string> readdressing::lead_over(std::string_view target) const {
    const std::string_view value = trimmed(target);
    const std::size_t at = value.rfind('@');
    if (at == std::string_view::npos || !ascii::iequals(value.substr(at + 1), from_domain_)) return std::nullopt;
    const std::string_view local = value.substr(0, at);
    if (from_local_.empty()) return std::string(local) + '@' + to_domain_;
    if (!ascii::istarts_with(local, from_local_)) return std::nullopt;
    const std::string_view extension = local.substr(from_local_.size());
    if (!extension.empty() && extension.front() != '+') return std::nullopt;
    return to_local_ + std::string(extension) + '@' + to_domain_;
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
        std::erase_if(left, [this](const std::string& t) { return lead_over(t).has_value(); });
        e.set(name, std::move(left));
    }
    return e;
}

plan_notice notice_of(const ldap::entry& reference, const address& gone) {
    return {gone.text(), fmt::format("{} still sends mail to {}", printable(naming::subject_of(reference)), printable(gone.text()))};
}

std::vector<ldap::entry> find_references(ldap::session& s, const layout& where, const address& a) {
    const auto same = in_any_of(target_attributes, [&](std::string_view name) { return filter::equal(name, a.text()); });
    return s.search({where.container(), ldap::scope::subtree, same, ldap::whole_entry()}).take();
}

std::vector<ldap::entry> find_all_references(ldap::session& s, const layout& where, const address& a) {
    const auto here = readdressing::of(a, a);
    auto found = s.search({where.container(), ldap::scope::subtree, here.selects(), ldap::whole_entry()}).take();
    std::erase_if(found, [&](const ldap::entry& e) { return !here.concerns(e); });
    return found;
}

} // namespace vmail
