#pragma once

#include <cstddef>
#include <optional>
#include <vector>

/// Internal to check.
namespace vmail::check {

/// One recipient that mail to a node is sent on to.
struct way {
    std::size_t from = 0;
    std::size_t to = 0;  ///< the node that takes it; 0: it goes no further
    std::size_t who = 0; ///< the recipient itself: what leads to its own name ends there
    bool is_grown = false;       ///< by an extension, which comes on top of one that the mail has already
    bool is_by_catch_all = false; ///< which takes no extension off
};

/// What Postfix makes of mail to a node, in the words of routing_trace.hpp.
enum class expansion_fault { none, too_many, too_deep };

/// Who sends mail on to whom in a whole tree, and what virtual_alias_maps makes of it.
class expansion_graph {
public:
    /// The ways of one node in their order, side by side.
    explicit expansion_graph(std::vector<way> ways);

    /// The nodes from which mail comes back to them and never arrives, in ascending order.
    const std::vector<std::size_t>& circles() const noexcept { return circles_; }
    /// The nodes that stand for more recipients, or lead further, than Postfix follows, without a circle; in ascending order.
    struct excess {
        std::size_t node = 0;
        expansion_fault fault = expansion_fault::none;
    };
    const std::vector<excess>& excesses() const noexcept { return excesses_; }

private:
    struct span {
        std::size_t node, begin, end;
        std::size_t recipients = 0, steps = 0; ///< at most
        bool is_open = false, is_known = false, meets_circle = false, meets_itself = false;
    };

    span* find(std::size_t node);
    const span* find(std::size_t node) const { return const_cast<expansion_graph*>(this)->find(node); }
    bool leads_to_itself(const span& s) const;
    void look_for_circles();
    void bound(span& from);
    void add_up(span& s);
    expansion_fault fault_of(const span& s) const;
    expansion_fault follow(const span& from) const;

    std::vector<way> ways_;
    std::vector<span> spans_;
    std::vector<std::size_t> circles_;
    std::vector<excess> excesses_;
};

} // namespace vmail::check
