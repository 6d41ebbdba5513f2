#include <algorithm>

#include "alias_graph.hpp"

namespace vmail::nis {

std::vector<std::uint32_t> alias_graph::distances() const {
    // Backwards from the ground, so the edges are turned round first.
    std::vector<std::size_t> first(size() + 2, 0);
    for (const std::uint32_t to : edges_) ++first[to + 2];
    for (std::size_t i = 2; i < first.size(); ++i) first[i] += first[i - 1];
    std::vector<std::uint32_t> sources(edges_.size());
    for (std::uint32_t from = 0; from < size(); ++from)
        for (std::size_t e = first_edge_[from]; e < first_edge_[from + 1]; ++e) sources[first[edges_[e] + 1]++] = from;

    std::vector<std::uint32_t> distance(size(), unreachable);
    std::vector<std::uint32_t> queue;
    for (std::uint32_t node = 0; node < size(); ++node)
        if (grounded_[node]) {
            distance[node] = 0;
            queue.push_back(node);
        }
    for (std::size_t next = 0; next < queue.size(); ++next) {
        const std::uint32_t node = queue[next];
        for (std::size_t e = first[node]; e < first[node + 1]; ++e)
            if (distance[sources[e]] == unreachable) {
                distance[sources[e]] = distance[node] + 1;
                queue.push_back(sources[e]);
            }
    }
    return distance;
}

namespace {

constexpr std::uint32_t unseen = std::numeric_limits<std::uint32_t>::max();

} // namespace

alias_graph::components alias_graph::strong_components() const {
    struct frame {
        std::uint32_t node;
        std::size_t edge;
    };
    components result{std::vector<std::uint32_t>(size(), unseen), std::vector<bool>(size(), false)};
    std::vector<std::uint32_t> order(size(), unseen);
    std::vector<std::uint32_t> low(size(), unseen);
    std::vector<std::uint32_t> pending;
    std::vector<frame> path;
    std::uint32_t visited = 0;
    std::uint32_t found = 0;

    const auto enter = [&](std::uint32_t node) {
        order[node] = low[node] = visited++;
        pending.push_back(node);
        path.push_back({node, first_edge_[node]});
    };
    const auto leave = [&](std::uint32_t node) {
        if (low[node] != order[node]) return;
        const bool alone = pending.back() == node;
        for (bool done = false; !done; pending.pop_back()) {
            const std::uint32_t member = pending.back();
            done = member == node;
            result.of[member] = found;
            if (!alone) result.in_loop[member] = true;
        }
        ++found;
    };

    for (std::uint32_t root = 0; root < size(); ++root) {
        if (order[root] != unseen) continue;
        enter(root);
        while (!path.empty()) {
            const std::uint32_t node = path.back().node;
            if (path.back().edge < first_edge_[node + 1]) {
                const std::uint32_t to = edges_[path.back().edge++];
                if (to == node) result.in_loop[node] = true;
                if (order[to] == unseen) enter(to);
                else if (result.of[to] == unseen) low[node] = std::min(low[node], order[to]);
                continue;
            }
            path.pop_back();
            leave(node);
            if (!path.empty()) low[path.back().node] = std::min(low[path.back().node], low[node]);
        }
    }
    return result;
}

} // namespace vmail::nis
