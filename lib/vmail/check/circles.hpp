#pragma once

#include <cstddef>
#include <vector>

/// Internal to check.
namespace vmail::check {

struct edge {
    std::size_t from = 0, to = 0;
};

/// The nodes from which a way leads back to them, in ascending order. Takes time and memory as there are edges, and no stack.
std::vector<std::size_t> nodes_in_circles(std::vector<edge> edges);

} // namespace vmail::check
