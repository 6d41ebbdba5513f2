#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>

#include <vmail/check/circles.hpp>
#include <vmail/check/route_graph.hpp>
#include <vmail/extension.hpp>

namespace vmail::check {

namespace {

std::optional<address> as_address(const maildrop& target) {
    try {
        return address::parse(target.text());
    } catch (const invalid_value&) { // a login of the server, the vacation daemon
        return std::nullopt;
    }
}

const std::vector<maildrop>& targets_of(const sight& e) {
    static const std::vector<maildrop> none;
    if (!e.service().receives) return none;
    if (const auto* const m = e.mailbox()) return m->forward.active ? m->forward.targets : none;
    if (const auto* const a = e.alias()) return a->targets;
    return none;
}

bool holds(const std::vector<std::string>& names, const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); }

/// Of an entry that is being renamed both.
std::vector<std::string> names_of(const sight& e) {
    const auto* const m = e.mailbox();
    const auto* const a = e.alias();
    if (m == nullptr && a == nullptr) return {};
    auto all = e.addresses();
    // In the spelling that targets are compared in: without quotes that need not be.
    if (auto key = m != nullptr ? m->address.key() : a->address.key(); !holds(all, key)) all.push_back(std::move(key));
    return all;
}

/// A domain that mail is handed on for is elsewhere.
const known_domain* own_domain(const address& target, const context& around) {
    const auto* const d = around.domains.find(target.domain().text());
    return d != nullptr && !d->is_backup ? d : nullptr;
}

} // namespace

std::vector<address> route_graph::ways_of(const sight& e) {
    std::vector<address> all;
    for (const maildrop& t : targets_of(e))
        if (auto to = as_address(t)) all.push_back(std::move(*to));
    return all;
}

route_graph::standing route_graph::standing_of(const sight& e) {
    const service_state& s = e.service();
    if (s.receives) return standing::serves;
    if (s.in_service) return standing::closed;
    if (s.why == service_word::removed) return standing::removed;
    if (s.why == service_word::expired) return standing::expired;
    return s.why == service_word::invalid ? standing::invalid : standing::disabled;
}

route_graph::takers route_graph::takers_of(const address& target, const site& s) {
    const auto base = without_extension(target, s);
    return {ascii::ihash(target.key()), base ? ascii::ihash(base->key()) : 0, ascii::ihash('@' + target.domain().text())};
}

void route_graph::gather(const sight& e) {
    const auto names = names_of(e);
    for (const std::string& name : names) stops_.push_back({ascii::ihash(name), standing_of(e), e.alias() != nullptr});
    const auto ways = ways_of(e);
    const bool ends_here = std::any_of(ways.begin(), ways.end(), [&](const address& to) { return holds(names, to.key()); });
    for (const address& to : ways) {
        const auto* const d = own_domain(to, e.around);
        if (d == nullptr) continue;
        if (!d->service.in_service) has_stopped_ = true;
        else
            for (const std::string& name : names) legs_.push_back({ends_here ? 0 : ascii::ihash(name), takers_of(to, e.site()), e.alias() != nullptr});
    }
}

void route_graph::settle() {
    std::sort(stops_.begin(), stops_.end());
    for (const leg& l : legs_) {
        const stop* const to = find(l.to);
        if (to == nullptr) has_missing_ = true;
        else if (to->how != standing::serves) has_stopped_ = true;
    }
    look_for_circles();
    std::deque<leg>().swap(legs_);
}

/// A mailbox in service gets the mail that an alias of its name would send on.
bool route_graph::is_used(const leg& l) const {
    const stop* const from = l.from != 0 ? find(l.from) : nullptr;
    return from != nullptr && from->is_alias == l.of_alias;
}

void route_graph::look_for_circles() {
    std::vector<std::size_t> froms;
    for (const leg& l : legs_)
        if (is_used(l)) froms.push_back(l.from);
    std::sort(froms.begin(), froms.end());
    std::vector<edge> edges;
    for (const leg& l : legs_) {
        const stop* const to = is_used(l) ? find(l.to) : nullptr;
        if (to != nullptr && std::binary_search(froms.begin(), froms.end(), to->hash)) edges.push_back({l.from, to->hash});
    }
    circles_ = nodes_in_circles(std::move(edges));
}

const route_graph::stop* route_graph::find(std::size_t hash) const {
    const auto it = std::lower_bound(stops_.begin(), stops_.end(), hash, [](const stop& a, std::size_t h) { return a.hash < h; });
    return it != stops_.end() && it->hash == hash ? &*it : nullptr;
}

const route_graph::stop* route_graph::find(const takers& t) const {
    if (const stop* const own = find(t.own)) return own;
    if (const stop* const base = t.base != 0 ? find(t.base) : nullptr) return base;
    return find(t.rest);
}

bool route_graph::is_missing(const address& target, const context& around) const {
    const auto* const d = own_domain(target, around);
    return d != nullptr && d->service.in_service && find(takers_of(target, around.site)) == nullptr;
}

std::string_view route_graph::why_stopped(const address& target, const context& around) const {
    const auto* const d = own_domain(target, around);
    if (d == nullptr) return {};
    if (!d->service.in_service) return d->removed ? service_word::domain_removed : service_word::domain_disabled;
    const stop* const to = find(takers_of(target, around.site));
    switch (to != nullptr ? to->how : standing::serves) {
        case standing::serves: return {};
        case standing::closed: return "closed to mail";
        case standing::removed: return service_word::removed;
        case standing::disabled: return service_word::disabled;
        case standing::expired: return service_word::expired;
        case standing::invalid: return service_word::invalid;
    }
    return {};
}

bool route_graph::is_in_circle(const sight& e) const {
    const auto names = names_of(e);
    return std::any_of(names.begin(), names.end(), [&](const std::string& n) {
        const std::size_t hash = ascii::ihash(n);
        return std::binary_search(circles_.begin(), circles_.end(), hash) && is_used({.from = hash, .of_alias = e.alias() != nullptr});
    });
}

} // namespace vmail::check
