#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/draft_state.hpp>
#include <vmail/extension.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/naming.hpp>

namespace vmail {

namespace attr = schema::attr;
namespace cls = schema::cls;
using ldap::filter;

namespace {

/// What sends mail on, and how it stands.
void fill(routing::stop& s, const mailbox& m, const service_state& state) {
    if (m.forward.active) s.targets = m.forward.targets;
    if (!state.receives) s.why_not = state.in_service ? "closed to mail" : state.why;
}
void fill(routing::stop& s, const alias& a, const service_state& state) {
    s.targets = a.targets;
    if (!state.receives) s.why_not = state.why;
}

} // namespace

/// Anybody may send mail on to a domain that he may not see: what it is he is not told.
std::optional<stored<domain>> draft::state::find_seen(const domain_name& name) {
    try {
        return find<domain>(name);
    } catch (const denied&) {
        return std::nullopt;
    }
}

const std::optional<service_state>& draft::state::state_of(const domain_name& name) {
    const auto it = states_.find(name.text());
    if (it != states_.end()) return it->second;
    const auto* const room = is_planned(name.text()) ? nullptr : rooms.find(name); // has been read
    if (room != nullptr) return states_.emplace(name.text(), service_of(room->domain.value)).first->second;
    const auto found = find_seen(name);
    return states_.emplace(name.text(), found ? std::optional(service_of(found->value)) : std::nullopt).first->second;
}

std::optional<ldap::entry> draft::state::entry_of(const alias_address& a) {
    if (const auto it = planned_.find(a.key()); it != planned_.end()) return it->second ? std::optional(it->second->unpacked()) : std::nullopt;
    auto found = session().search({layout().container(), ldap::scope::subtree, filter::equal(attr::mail, a.text()), ldap::whole_entry()});
    if (found.empty()) return std::nullopt;
    return std::move(found).take().front();
}

routing::stop draft::state::stop_of(const address& a) {
    const auto& domain = state_of(a.domain());
    if (!domain) return {};
    routing::stop s{.is_ours = true, .name = a.key()};
    auto e = entry_of(a);
    if (const auto base = without_extension(a, site()); !e && base) {
        e = entry_of(*base);
        s.name = base->key();
    }
    if (!e) {
        const auto all = alias_address::catch_all(a.domain());
        e = entry_of(all);
        s.name = all.key();
    }
    if (!e) return s;
    s.is_there = true;
    try {
        if (e->has_class(cls::account)) {
            const auto m = mailbox::from_entry(*e, site());
            fill(s, m, service_of(m, *domain, timestamp::now()));
        } else if (e->has_class(cls::alias)) {
            const auto al = alias::from_entry(*e, site());
            fill(s, al, service_of(al, *domain, timestamp::now()));
        }
    } catch (const invalid_value&) { // what others made of it is theirs to know
    }
    return s;
}

/// As it will be: what mail for the address itself, or for an extension of it that is no entry, comes to is not there yet.
routing::lookup draft::state::seen_from(const alias_address& from) {
    return [this, from](const address& a) {
        const auto base = without_extension(a, site());
        if (alias_address(a) == from || (base && alias_address(*base) == from && !entry_of(a))) return routing::stop{.is_ours = true, .is_there = true, .name = from.key()};
        return stop_of(a);
    };
}

namespace {

void refuse_circle(const alias_address& from, const std::vector<maildrop>& targets, const routing::lookup& find) {
    const auto circle = routing::circle_of(from, targets, find);
    if (!circle.empty()) throw invalid_value(fmt::format("mail to {} would run in a circle: {}", from.text(), printable(fmt::to_string(fmt::join(circle, ", ")))));
}

} // namespace

void draft::state::require_no_circle(const alias_address& from, const std::vector<maildrop>& targets) { refuse_circle(from, targets, seen_from(from)); }

std::optional<std::string> draft::state::fault_of(const maildrop& target) {
    return routing::fault_of(target, [this](const address& a) { return stop_of(a); });
}

void draft::state::note_circle(const alias_address& from, const std::vector<maildrop>& targets) {
    try {
        require_no_circle(from, targets);
    } catch (const invalid_value& fault) {
        made.notices.push_back({from.text(), fault.what()});
    }
}

void draft::state::check_route(const alias_address& from, const std::vector<maildrop>& targets, const std::vector<maildrop>& fresh) {
    const auto find = routing::remembering(seen_from(from));
    refuse_circle(from, targets, find);
    for (const maildrop& t : fresh) {
        if (t.key() == from.key()) continue;
        if (const auto fault = routing::fault_of(t, find)) made.notices.push_back({from.text(), fmt::format("{} sends mail to {}, {}", from.text(), printable(t.text()), *fault)});
    }
}

} // namespace vmail
