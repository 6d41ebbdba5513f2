#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include <vmail/check/route_graph.hpp>
#include <vmail/routing_targets.hpp>

namespace vmail::check {

using routing::recipient;

namespace {

const std::vector<maildrop>& values_of(const sight& e) {
    static const std::vector<maildrop> none;
    if (!e.service().receives) return none;
    if (const auto* const m = e.mailbox()) return m->forward.active ? m->forward.targets : none;
    if (const auto* const a = e.alias()) return a->targets;
    return none;
}

/// Of an entry that is being renamed both, whatever quotes they are spelt with.
std::vector<recipient> names_of(const sight& e) {
    std::vector<recipient> all;
    if (e.mailbox() == nullptr && e.alias() == nullptr) return all;
    for (const std::string& text : e.addresses()) all.push_back(recipient::parse(text));
    return all;
}

/// A domain that mail is handed on for is elsewhere.
const known_domain* own_domain(const recipient& target, const context& around) {
    const auto* const d = around.domains.find(target.domain);
    return d != nullptr && !d->is_backup ? d : nullptr;
}

} // namespace

std::size_t route_graph::name::hash(std::size_t local, std::size_t domain) noexcept { return (local ^ (domain << 32U | domain >> 32U)) * 0x9e3779b97f4a7c15U | 1U; }

route_graph::name route_graph::name::of(const recipient& r, const site& s) {
    const auto split = routing::without_extension(r, s.recipient_delimiter);
    return {ascii::ihash(r.local), split ? ascii::ihash(split->base.local) : 0, ascii::ihash(r.domain)};
}

std::vector<recipient> route_graph::targets_of(const sight& e, const recipient& own) {
    const auto& values = values_of(e);
    if (values.empty()) return {};
    std::vector<std::string> texts;
    for (const maildrop& t : values) texts.push_back(t.text());
    return routing::recipients_in(texts, own);
}

std::vector<recipient> route_graph::ways_of(const sight& e) {
    const auto names = names_of(e);
    return names.empty() ? std::vector<recipient>{} : targets_of(e, names.front());
}

route_graph::standing route_graph::standing_of(const sight& e) {
    const service_state& s = e.service();
    if (s.receives) return standing::serves;
    if (s.in_service) return standing::closed;
    if (s.why == service_word::removed) return standing::removed;
    if (s.why == service_word::expired) return standing::expired;
    return s.why == service_word::invalid ? standing::invalid : standing::disabled;
}

void route_graph::gather(const sight& e) {
    for (const recipient& own : names_of(e)) {
        const std::size_t from = name::of(own, e.site()).own();
        stops_.push_back({from, standing_of(e), e.alias() != nullptr});
        for (const recipient& to : targets_of(e, own)) {
            const auto* const d = own_domain(to, e.around);
            const bool is_ours = d != nullptr && d->service.in_service;
            if (d != nullptr && !is_ours) has_stopped_ = true;
            legs_.push_back({from, name::of(to, e.site()), e.alias() != nullptr, is_ours});
        }
    }
}

/// What the maps make of the legs. Beside each entry that is in reach by an extension stands another node, as it hands the extension on; and each recipient that
/// a catch-all takes is a node of its own, as it leads to others for each of them.
class route_graph::unfolding {
public:
    explicit unfolding(const route_graph& g) : graph_(g) {
        for (const leg& l : g.legs_)
            if (g.is_used(l.from, l.of_alias)) legs_.push_back(&l);
        std::stable_sort(legs_.begin(), legs_.end(), [](const leg* a, const leg* b) { return a->from < b->from; });
    }

    std::vector<way> ways() {
        for (const leg* l : legs_) add(l->from, *l, l->to, false);
        for (std::size_t i = 0; i < waiting_.size(); ++i) unfold(node(waiting_[i]));
        return std::move(ways_);
    }

    /// What stands behind a node that is no entry by itself.
    std::size_t entry_of(std::size_t itself) const {
        const auto it = entries_.find(itself);
        return it != entries_.end() ? it->second : itself;
    }

private:
    struct node {
        std::size_t itself = 0, entry = 0;
        bool is_extended = false;
        name taken{}; ///< of a catch-all: for whom
    };

    static std::size_t extended(std::size_t hash) noexcept { return (hash ^ 0x2b992ddfa23249d6U) * 0x9e3779b97f4a7c15U | 1U; }

    void unfold(const node& n) {
        const bool is_by_catch_all = n.taken.domain != 0;
        const auto by_from = [](const leg* l, std::size_t from) { return l->from < from; };
        for (auto it = std::lower_bound(legs_.begin(), legs_.end(), n.entry, by_from); it != legs_.end() && (*it)->from == n.entry; ++it) {
            const name& to = (*it)->to;
            if (is_by_catch_all && to.is_anybody()) add(n.itself, **it, {n.taken.local, n.taken.base, to.domain}, n.is_extended);
            else add(n.itself, **it, to, n.is_extended && !is_by_catch_all);
        }
    }

    void add(std::size_t from, const leg& by, const name& to, bool is_extended) {
        way w{.from = from, .who = is_extended ? extended(to.own()) : to.own()};
        const std::size_t base = to.without_extension();
        if (!by.is_ours) w.to = 0;
        else if ((!is_extended || base == 0) && graph_.find_serving(to.own()) != nullptr) w.to = is_extended ? beside(to.own()) : to.own();
        else if (base != 0 && graph_.find_serving(base) != nullptr) {
            w.to = beside(base);
            w.is_grown = true;
        } else if (graph_.find_serving(to.catch_all()) != nullptr) {
            w.to = w.who;
            w.is_by_catch_all = true;
            wait({w.who, to.catch_all(), is_extended, to});
        }
        ways_.push_back(w);
    }

    std::size_t beside(std::size_t entry) {
        const std::size_t itself = extended(entry);
        wait({itself, entry, true, {}});
        return itself;
    }

    void wait(const node& n) {
        if (entries_.emplace(n.itself, n.entry).second) waiting_.push_back(n);
    }

    const route_graph& graph_;
    std::vector<const leg*> legs_{};
    std::vector<way> ways_{};
    std::vector<node> waiting_{};
    std::unordered_map<std::size_t, std::size_t> entries_{};
};

void route_graph::settle() {
    std::sort(stops_.begin(), stops_.end());
    for (const leg& l : legs_) {
        if (!l.is_ours || l.to.is_anybody()) continue;
        const stop* const to = find(l.to);
        if (to == nullptr) has_missing_ = true;
        else if (to->how != standing::serves) has_stopped_ = true;
    }
    unfolding u(*this);
    const expansion_graph expanded(u.ways());
    for (const std::size_t one : expanded.circles()) circles_.push_back(u.entry_of(one));
    std::sort(circles_.begin(), circles_.end());
    for (const auto& e : expanded.excesses())
        if (u.entry_of(e.node) == e.node) excesses_.push_back(e);
    std::deque<leg>().swap(legs_);
}

/// A mailbox in service gets the mail that an alias of its name would send on.
bool route_graph::is_used(std::size_t from, bool of_alias) const {
    const stop* const s = find(from);
    return s != nullptr && s->is_alias == of_alias;
}

const route_graph::stop* route_graph::find(std::size_t hash) const {
    const auto it = std::lower_bound(stops_.begin(), stops_.end(), hash, [](const stop& a, std::size_t h) { return a.hash < h; });
    return it != stops_.end() && it->hash == hash ? &*it : nullptr;
}

const route_graph::stop* route_graph::find(const name& n) const {
    if (const stop* const own = find(n.own())) return own;
    if (const stop* const base = n.base != 0 ? find(n.without_extension()) : nullptr) return base;
    return find(n.catch_all());
}

/// What is out of service no map finds.
const route_graph::stop* route_graph::find_serving(std::size_t hash) const {
    const stop* const s = find(hash);
    return s != nullptr && s->how == standing::serves ? s : nullptr;
}

bool route_graph::is_missing(const recipient& target, const context& around) const {
    const auto* const d = own_domain(target, around);
    return d != nullptr && d->service.in_service && !target.local.empty() && find(name::of(target, around.site)) == nullptr;
}

std::string_view route_graph::why_stopped(const recipient& target, const context& around) const {
    const auto* const d = own_domain(target, around);
    if (d == nullptr) return {};
    if (!d->service.in_service) return d->removed ? service_word::domain_removed : service_word::domain_disabled;
    const stop* const to = target.local.empty() ? nullptr : find(name::of(target, around.site));
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

template <typename Test> bool route_graph::any_used(const sight& e, const Test& test) const {
    const auto names = names_of(e);
    return std::any_of(names.begin(), names.end(), [&](const recipient& own) {
        const std::size_t hash = name::of(own, e.site()).own();
        return is_used(hash, e.alias() != nullptr) && test(hash);
    });
}

bool route_graph::is_in_circle(const sight& e) const {
    return any_used(e, [this](std::size_t hash) { return std::binary_search(circles_.begin(), circles_.end(), hash); });
}

expansion_fault route_graph::excess_of(const sight& e) const {
    expansion_fault fault = expansion_fault::none;
    any_used(e, [&](std::size_t hash) {
        const auto it = std::lower_bound(excesses_.begin(), excesses_.end(), hash, [](const expansion_graph::excess& x, std::size_t wanted) { return x.node < wanted; });
        if (it != excesses_.end() && it->node == hash) fault = it->fault;
        return fault != expansion_fault::none;
    });
    return fault;
}

} // namespace vmail::check
