#include <map>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/ascii.hpp>
#include <vmail/check/suspects.hpp>

using namespace vmail::check;

TEST_CASE("what comes more than once is known, and what comes once is not, whatever the order and the case") {
    std::mt19937 random(815);
    for (int n = 0; n < 200; ++n) {
        twice seen;
        std::map<std::string, int> counted;
        std::vector<std::string> texts;
        for (unsigned i = 0; i < 200; ++i) {
            const std::string text = (random() % 2 == 0 ? "User" : "user") + std::to_string(random() % 300);
            seen.add(text, i);
            ++counted[vmail::ascii::to_lower(text)];
            texts.push_back(vmail::ascii::to_lower(text));
        }
        seen.settle();
        bool any = false;
        for (const auto& [text, count] : counted) {
            REQUIRE(seen.may_hold(text) == (count > 1));
            any = any || count > 1;
        }
        REQUIRE(seen.empty() == !any);
        std::vector<entry_names::ordinal> whose;
        for (entry_names::ordinal i = 0; i < texts.size(); ++i)
            if (counted[texts[i]] > 1) whose.push_back(i);
        REQUIRE(seen.whose() == whose);
        CHECK_FALSE(seen.may_hold("somebody else"));
    }
}

TEST_CASE("whoever comes second is told who came first") {
    first_holders first;
    CHECK_FALSE(first.meet("a.org/bob", "bob@a.org"));
    CHECK_FALSE(first.meet("a.org/ann", "ann@a.org"));
    CHECK(first.meet("a.org/bob", "rob@a.org") == "bob@a.org");
    CHECK(first.meet("a.org/bob", "eve@a.org") == "bob@a.org");
}

TEST_CASE("with very many the first ones are remembered, and of the others it is known that there is another") {
    first_holders first;
    for (int i = 0; i < 200'000; ++i) REQUIRE_FALSE(first.meet(std::to_string(i), "x"));
    CHECK(first.meet("one more", "y") == "");
    CHECK(first.meet("17", "y") == "x");
}

TEST_CASE("a name is found by the number that it came as") {
    entry_names names;
    for (int i = 0; i < 1000; ++i) names.add(i % 7 == 0 ? "" : "user" + std::to_string(i));
    CHECK(names.size() == 1000);
    for (entry_names::ordinal i = 0; i < 1000; ++i) REQUIRE(names.at(i) == (i % 7 == 0 ? "" : "user" + std::to_string(i)));
}
