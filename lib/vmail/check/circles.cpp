#include <algorithm>
#include <cstdint>
#include <limits>

#include <vmail/check/circles.hpp>

namespace vmail::check {

namespace {

/// Tarjan's strongly connected components, with a stack of its own: a chain of addresses may be as long as the tree is large.
class components {
public:
    explicit components(std::vector<edge> edges) : edges_(std::move(edges)) {
        std::sort(edges_.begin(), edges_.end(), [](const edge& a, const edge& b) { return a.from < b.from; });
        for (const edge& e : edges_)
            if (nodes_.empty() || nodes_.back().name != e.from) nodes_.push_back({.name = e.from, .next = static_cast<std::size_t>(&e - edges_.data())});
    }

    std::vector<circle_member> in_circles() && {
        for (std::size_t n = 0; n < nodes_.size(); ++n)
            if (nodes_[n].order == unseen) visit(n);
        std::sort(found_.begin(), found_.end(), [](const circle_member& a, const circle_member& b) { return a.name < b.name; });
        return std::move(found_);
    }

private:
    static constexpr std::size_t unseen = std::numeric_limits<std::size_t>::max();
    struct node {
        std::size_t name, next; ///< the next edge to be followed
        std::size_t order = unseen, low = unseen;
        bool is_open = false, leads_to_itself = false;
    };

    void visit(std::size_t start) {
        enter(start);
        while (!path_.empty())
            if (!step(path_.back())) leave();
    }

    void enter(std::size_t n) {
        nodes_[n].order = nodes_[n].low = count_++;
        nodes_[n].is_open = true;
        path_.push_back(n);
        open_.push_back(n);
    }

    /// Follows one edge; false when there is none left.
    bool step(std::size_t n) {
        node& from = nodes_[n];
        if (from.next >= edges_.size() || edges_[from.next].from != from.name) return false;
        const std::size_t name = edges_[from.next++].to;
        const auto it = std::lower_bound(nodes_.begin(), nodes_.end(), name, [](const node& a, std::size_t wanted) { return a.name < wanted; });
        if (it == nodes_.end() || it->name != name) return true;
        if (name == from.name) from.leads_to_itself = true;
        if (it->order == unseen) enter(static_cast<std::size_t>(it - nodes_.begin()));
        else if (it->is_open) from.low = std::min(from.low, it->order);
        return true;
    }

    void leave() {
        const std::size_t n = path_.back();
        path_.pop_back();
        if (!path_.empty()) nodes_[path_.back()].low = std::min(nodes_[path_.back()].low, nodes_[n].low);
        if (nodes_[n].low == nodes_[n].order) close(n);
    }

    void close(std::size_t n) {
        const auto first = std::find(open_.rbegin(), open_.rend(), n).base() - 1;
        const bool is_circle = open_.end() - first > 1 || nodes_[n].leads_to_itself;
        for (auto it = first; it != open_.end(); ++it) {
            nodes_[*it].is_open = false;
            if (is_circle) found_.push_back({nodes_[*it].name, circles_});
        }
        open_.erase(first, open_.end());
        ++circles_;
    }

    std::vector<edge> edges_;
    std::vector<node> nodes_;
    std::vector<std::size_t> path_, open_;
    std::vector<circle_member> found_;
    std::size_t count_ = 0, circles_ = 0;
};

} // namespace

std::vector<circle_member> members_of_circles(std::vector<edge> edges) { return components(std::move(edges)).in_circles(); }

} // namespace vmail::check
