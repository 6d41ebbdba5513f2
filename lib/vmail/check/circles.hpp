#pragma once

#include <cstddef>
#include <vector>

/// Internal to check.
namespace vmail::check {

struct edge {
    std::size_t from = 0, to = 0;
};

struct circle_member {
    std::size_t name = 0;
    std::size_t circle = 0; ///< the same number for those that lead to one another
};

/// The nodes from which a way leads back to them, in ascending order. Takes time and memory as there are edges, and no stack.
std::vector<circle_member> members_of_circles(std::vector<edge> edges);

} // namespace vmail::check
