#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/check/circles.hpp>

using namespace vmail::check;

namespace {

using graph = std::vector<edge>;

std::vector<std::size_t> nodes_in_circles(graph edges) {
    std::vector<std::size_t> nodes;
    for (const circle_member& m : members_of_circles(std::move(edges))) nodes.push_back(m.name);
    return nodes;
}

/// By trying: a node is in a circle when it is reached from where it leads to.
std::vector<std::size_t> by_trying(const graph& edges, std::size_t nodes) {
    std::vector<std::vector<char>> reaches(nodes, std::vector<char>(nodes, 0));
    for (const edge& e : edges) reaches[e.from][e.to] = 1;
    for (std::size_t by = 0; by < nodes; ++by)
        for (std::size_t a = 0; a < nodes; ++a)
            for (std::size_t b = 0; b < nodes; ++b)
                if (reaches[a][by] != 0 && reaches[by][b] != 0) reaches[a][b] = 1;
    std::vector<std::size_t> found;
    for (std::size_t n = 0; n < nodes; ++n)
        if (reaches[n][n] != 0) found.push_back(n);
    return found;
}

} // namespace

TEST_CASE("what leads back to itself is in a circle, and what only leads to one or away from one is not") {
    CHECK(nodes_in_circles({}).empty());
    CHECK(nodes_in_circles({{1, 2}, {2, 3}}).empty());
    CHECK(nodes_in_circles({{7, 7}}) == std::vector<std::size_t>{7});
    CHECK(nodes_in_circles({{1, 2}, {2, 3}, {3, 2}, {3, 4}}) == std::vector<std::size_t>{2, 3});
    CHECK(nodes_in_circles({{1, 2}, {2, 1}, {3, 4}, {4, 3}, {2, 3}}) == std::vector<std::size_t>{1, 2, 3, 4});
}

TEST_CASE("those that lead to one another are in one circle") {
    const auto all = members_of_circles({{1, 2}, {2, 1}, {2, 3}, {3, 4}, {4, 3}});
    REQUIRE(all.size() == 4);
    CHECK(all[0].circle == all[1].circle);
    CHECK(all[2].circle == all[3].circle);
    CHECK(all[0].circle != all[2].circle);
}

TEST_CASE("of any graph the same nodes are found as by trying") {
    std::mt19937 random(4711);
    for (int n = 0; n < 2000; ++n) {
        const std::size_t nodes = 1 + random() % 12;
        graph edges(random() % 20);
        for (edge& e : edges) e = {random() % nodes, random() % nodes};
        REQUIRE(nodes_in_circles(edges) == by_trying(edges, nodes));
    }
}

TEST_CASE("a chain as long as a large tree is followed without an end of the stack") {
    graph edges;
    constexpr std::size_t length = 1'000'000;
    for (std::size_t i = 0; i + 1 < length; ++i) edges.push_back({i, i + 1});
    CHECK(nodes_in_circles(edges).empty());
    edges.push_back({length - 1, 0});
    CHECK(nodes_in_circles(edges).size() == length);
}
