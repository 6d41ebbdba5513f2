#include <algorithm>
#include <cstddef>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/check/expansion.hpp>
#include <vmail/routing_trace.hpp>

using namespace vmail;
using check::expansion_fault;
using check::expansion_graph;

namespace {

/// Aliases in memory, by number: where each leads to. What is none is elsewhere.
using aliases = std::vector<std::vector<std::size_t>>;

std::string address(std::size_t n) { return "n" + std::to_string(n) + "@a.example"; }

std::vector<check::way> ways_of(const aliases& all) {
    std::vector<check::way> ways;
    for (std::size_t from = 0; from < all.size(); ++from)
        for (const std::size_t to : all[from]) ways.push_back({.from = from + 1, .to = to < all.size() && !all[to].empty() ? to + 1 : 0, .who = to + 1});
    return ways;
}

expansion_fault fault_by(const expansion_graph& g, std::size_t n) {
    const auto& all = g.excesses();
    const auto it = std::find_if(all.begin(), all.end(), [n](const auto& e) { return e.node == n + 1; });
    return it != all.end() ? it->fault : expansion_fault::none;
}

/// As Postfix expands it, step by step.
routing::trace trace(const aliases& all, std::size_t n) {
    const auto find = [&all](const std::string& text) {
        routing::holding h;
        const std::size_t i = text.starts_with("n") ? std::stoul(text.substr(1)) : all.size();
        if (i >= all.size() || all[i].empty()) return h;
        h.kind = routing::holder::alias;
        for (const std::size_t to : all[i]) h.targets.push_back(address(to));
        return h;
    };
    const auto find_domain = [](const std::string&) { return routing::domain_holding{routing::domain_class::ours, {}}; };
    return routing::trace_of(routing::recipient::parse(address(n)), {find, find_domain, "+"});
}

void require_same(const aliases& all) {
    const expansion_graph g(ways_of(all));
    for (std::size_t n = 0; n < all.size(); ++n) {
        CAPTURE(n);
        const std::string why = trace(all, n).why;
        const auto fault = fault_by(g, n);
        REQUIRE((why == routing::loss_word::too_many) == (fault == expansion_fault::too_many));
        REQUIRE((why == routing::loss_word::too_deep) == (fault == expansion_fault::too_deep));
        const bool is_in_circle = std::binary_search(g.circles().begin(), g.circles().end(), n + 1);
        if (is_in_circle) REQUIRE(why == routing::loss_word::in_circle);
    }
}

aliases chain(std::size_t length) {
    aliases all(length);
    for (std::size_t i = 0; i < length; ++i) all[i] = {i + 1};
    return all;
}

} // namespace

TEST_CASE("a chain is as long as Postfix follows it, and not a step longer") {
    for (const std::size_t length : {999U, 1000U, 1001U}) {
        CAPTURE(length);
        const expansion_graph g(ways_of(chain(length)));
        CHECK(fault_by(g, 0) == (length < 1000 ? expansion_fault::none : expansion_fault::too_deep));
        CHECK(trace(chain(length), 0).why == (length < 1000 ? "" : routing::loss_word::too_deep));
        CHECK(fault_by(g, 2) == expansion_fault::none);
    }
    // What is not the first of the targets begins a chain of its own.
    aliases all = chain(1100);
    all[50] = {5000, 51};
    require_same(all);
    // A chain as long as a large tree takes no stack.
    CHECK(expansion_graph(ways_of(chain(100'000))).excesses().size() == 100'000 - 999);
}

TEST_CASE("what several aliases stand for together is counted, as often as it comes") {
    aliases all(12);
    for (std::size_t i = 0; i < 11; ++i) all[i] = {i + 1, i + 1};
    all[11] = {100};
    require_same(all);
    CHECK(fault_by(expansion_graph(ways_of(all)), 0) == expansion_fault::too_many); // 2^11
    CHECK(fault_by(expansion_graph(ways_of(all)), 2) == expansion_fault::none);
}

TEST_CASE("of any aliases the same lead too far as when Postfix expands each of them") {
    std::mt19937 random(20261130);
    std::size_t too_many = 0;
    for (int n = 0; n < 300; ++n) {
        const std::size_t count = 12 + random() % 20;
        aliases all(count);
        for (std::size_t i = 0; i < count; ++i)
            for (std::size_t k = 1 + random() % 4; k > 0; --k) {
                const bool goes_back = random() % 200 == 0;
                all[i].push_back(goes_back ? random() % count : i + random() % 4);
            }
        for (std::size_t i = 0; i < count; ++i)
            if (random() % 20 != 0) std::erase(all[i], i); // most are not among their own targets
        require_same(all);
        too_many += expansion_graph(ways_of(all)).excesses().size();
    }
    CHECK(too_many > 100);
}
