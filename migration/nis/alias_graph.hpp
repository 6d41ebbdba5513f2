#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace vmail::nis {

/// Who leads to whom: nodes with edges to other nodes. Some nodes reach the ground (a mailbox, an outside address) by themselves.
class alias_graph {
public:
    static constexpr std::uint32_t unreachable = std::numeric_limits<std::uint32_t>::max();

    explicit alias_graph(std::size_t nodes) : grounded_(nodes, false), first_edge_(nodes + 1, 0) {}

    std::size_t size() const noexcept { return grounded_.size(); }
    /// Nodes are described one after the other, 0 first: set_grounded and add_edge in any order, then finish_node.
    void add_edge(std::uint32_t to) { edges_.push_back(to); }
    void set_grounded(std::uint32_t node) { grounded_[node] = true; }
    void finish_node(std::uint32_t node) { first_edge_[node + 1] = edges_.size(); }

    bool has_edges(std::uint32_t node) const noexcept { return first_edge_[node] != first_edge_[node + 1]; }
    bool is_grounded(std::uint32_t node) const noexcept { return grounded_[node]; }

    /// For each node the number of steps to the nearest node that is grounded, or unreachable.
    std::vector<std::uint32_t> distances() const;

    struct components {
        std::vector<std::uint32_t> of;  ///< the component of each node; one that leads to another has the higher number
        std::vector<bool> in_loop;      ///< whether a node can come back to itself
    };
    /// Strongly connected components (Tarjan), without recursion.
    components strong_components() const;

private:
    std::vector<bool> grounded_;
    std::vector<std::size_t> first_edge_;
    std::vector<std::uint32_t> edges_;
};

} // namespace vmail::nis
