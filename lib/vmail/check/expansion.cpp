#include <algorithm>
#include <unordered_set>
#include <utility>

#include <vmail/check/circles.hpp>
#include <vmail/check/expansion.hpp>
#include <vmail/routing_trace.hpp>

namespace vmail::check {

expansion_graph::expansion_graph(std::vector<way> ways) : ways_(std::move(ways)) {
    std::stable_sort(ways_.begin(), ways_.end(), [](const way& a, const way& b) { return a.from < b.from; });
    for (std::size_t i = 0; i < ways_.size(); ++i) {
        if (spans_.empty() || spans_.back().node != ways_[i].from) spans_.push_back({.node = ways_[i].from, .begin = i, .end = i});
        ++spans_.back().end;
    }
    look_for_circles();
    for (span& s : spans_) bound(s);
    for (const span& s : spans_)
        if (const auto fault = fault_of(s); fault != expansion_fault::none) excesses_.push_back({s.node, fault});
}

/// Postfix comes to no more than the sums, and just that where nothing leads to itself on the way.
expansion_fault expansion_graph::fault_of(const span& s) const {
    const bool are_many = s.recipients > routing::most_recipients, are_deep = s.steps >= routing::longest_chain;
    if (s.meets_circle || (!are_many && !are_deep)) return expansion_fault::none;
    if (s.meets_itself || (are_many && are_deep)) return follow(s);
    return are_many ? expansion_fault::too_many : expansion_fault::too_deep;
}

expansion_graph::span* expansion_graph::find(std::size_t node) {
    if (node == 0) return nullptr;
    const auto it = std::lower_bound(spans_.begin(), spans_.end(), node, [](const span& s, std::size_t wanted) { return s.node < wanted; });
    return it != spans_.end() && it->node == node ? &*it : nullptr;
}

bool expansion_graph::leads_to_itself(const span& s) const {
    return std::any_of(ways_.begin() + static_cast<std::ptrdiff_t>(s.begin), ways_.begin() + static_cast<std::ptrdiff_t>(s.end), [&](const way& w) { return w.who == s.node; });
}

/// What leads to its own name goes round all the same where it gets one more extension each time.
void expansion_graph::look_for_circles() {
    std::vector<edge> plain, any;
    for (const span& s : spans_) {
        const bool ends_here = leads_to_itself(s);
        for (std::size_t i = s.begin; i < s.end; ++i) {
            const way& w = ways_[i];
            if (find(w.to) == nullptr) continue;
            if (!ends_here) plain.push_back({w.from, w.to});
            if (!w.is_by_catch_all) any.push_back({w.from, w.to});
        }
    }
    for (const circle_member& m : members_of_circles(std::move(plain))) circles_.push_back(m.name);
    const auto members = members_of_circles(std::move(any));
    const auto circle_of = [&](std::size_t node) -> std::optional<std::size_t> {
        const auto it = std::lower_bound(members.begin(), members.end(), node, [](const circle_member& m, std::size_t wanted) { return m.name < wanted; });
        return it != members.end() && it->name == node ? std::optional(it->circle) : std::nullopt;
    };
    std::unordered_set<std::size_t> growing;
    for (const way& w : ways_)
        if (const auto circle = w.is_grown && !w.is_by_catch_all ? circle_of(w.from) : std::nullopt; circle && circle == circle_of(w.to)) growing.insert(*circle);
    for (const circle_member& m : members)
        if (growing.contains(m.circle)) circles_.push_back(m.name);
    std::sort(circles_.begin(), circles_.end());
    circles_.erase(std::unique(circles_.begin(), circles_.end()), circles_.end());
}

/// Depth first, with a stack of its own, as a chain may be as long as the tree is large.
void expansion_graph::bound(span& from) {
    std::vector<std::pair<span*, std::size_t>> path;
    const auto enter = [&](span* s) {
        if (s == nullptr || s->is_known || s->is_open) return;
        s->is_open = true;
        path.emplace_back(s, s->begin);
    };
    enter(&from);
    while (!path.empty()) {
        auto& [s, next] = path.back();
        if (next < s->end) {
            enter(find(ways_[next++].to));
            continue;
        }
        add_up(*s);
        path.pop_back();
    }
}

void expansion_graph::add_up(span& s) {
    s.meets_circle = std::binary_search(circles_.begin(), circles_.end(), s.node);
    s.meets_itself = leads_to_itself(s);
    for (std::size_t i = s.begin; i < s.end; ++i) {
        const span* const to = ways_[i].who != s.node ? find(ways_[i].to) : nullptr;
        const bool is_counted = to != nullptr && to->is_known;
        s.recipients = std::min(s.recipients + (is_counted ? to->recipients : 1), routing::most_recipients + 1);
        if (i == s.begin) s.steps = std::min(1 + (is_counted ? to->steps : 0), routing::longest_chain);
        // The chain begins anew at each of the others.
        if (is_counted && to->meets_circle) s.meets_circle = true;
        if (is_counted && to->meets_itself) s.meets_itself = true;
        if (is_counted && to->steps >= routing::longest_chain) s.steps = routing::longest_chain;
    }
    s.is_open = false;
    s.is_known = true;
}

/// cleanup_map1n_internal() of Postfix, as routing_trace.cpp has it: that knows addresses and their extensions, and this the nodes of a whole tree.
expansion_fault expansion_graph::follow(const span& from) const {
    struct place {
        std::size_t who, node;
    };
    std::vector<place> row = {{from.node, from.node}};
    std::unordered_set<std::size_t> ended;
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (row.size() > routing::most_recipients) return expansion_fault::too_many;
        for (std::size_t count = 0; !ended.contains(row[i].who); ++count) {
            if (count >= routing::longest_chain) return expansion_fault::too_deep;
            const span* const s = find(row[i].node);
            if (s == nullptr) break;
            const std::size_t who = row[i].who;
            for (std::size_t k = s->begin; k < s->end; ++k) {
                const place to{ways_[k].who, ways_[k].to};
                if (k == s->begin) row[i] = to;
                else row.push_back(to);
                if (to.who == who) ended.insert(who);
            }
        }
    }
    return expansion_fault::none;
}

} // namespace vmail::check
