#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <vmail/unified_diff.hpp>

using vmail::unified_diff;

namespace {

std::string lines(std::string_view letters) {
    std::string text;
    for (const char c : letters) text.append(1, c).append("\n");
    return text;
}

/// Both texts as a diff with all of them in it has them: what is not marked as the other's.
std::string side(std::string_view diff, char mine) {
    std::string text;
    std::size_t line = 0;
    bool cut = false;
    while (!diff.empty()) {
        const auto one = diff.substr(0, diff.find('\n') + 1);
        diff.remove_prefix(one.size());
        if (line++ < 2 || one.starts_with("@@")) continue;
        if (one.front() == '\\') {
            if (cut) text.pop_back();
            continue;
        }
        cut = one.front() == ' ' || one.front() == mine;
        if (cut) text += one.substr(1);
    }
    return text;
}

} // namespace

TEST_CASE("a diff as patch takes it") {
    struct row {
        std::string from, to, diff;
    };
    const row rows[] = {
        {"", "", ""},
        {"a\n", "a\n", ""},
        {"", "a\nb\n", "--- x\n+++ y\n@@ -0,0 +1,2 @@\n+a\n+b\n"},
        {"a\n", "", "--- x\n+++ y\n@@ -1,1 +0,0 @@\n-a\n"},
        {"a\n", "a", "--- x\n+++ y\n@@ -1,1 +1,1 @@\n-a\n+a\n\\ No newline at end of file\n"},
        {"a\nb\nc\n", "a\nx\nc\n", "--- x\n+++ y\n@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n"},
        {lines("abcdefghijklmnop"), lines("aXcdefghijklmnop"), "--- x\n+++ y\n@@ -1,5 +1,5 @@\n a\n-b\n+X\n c\n d\n e\n"},
        {lines("abcdefghijklmnop"), lines("bcdefghijklmnopq"), "--- x\n+++ y\n@@ -1,4 +1,3 @@\n-a\n b\n c\n d\n@@ -14,3 +13,4 @@\n n\n o\n p\n+q\n"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.from);
        CAPTURE(r.to);
        CHECK(unified_diff(r.from, r.to, "x", "y") == r.diff);
    }
}

TEST_CASE("both texts are in a diff, however they differ") {
    std::mt19937 random(7);
    const auto text = [&] {
        std::string made;
        for (auto n = random() % 4; n-- > 0;) // so few that all of them are told
            made.append(1, static_cast<char>('a' + random() % 3)).append("\n");
        if (!made.empty() && random() % 4 == 0) made.pop_back();
        return made;
    };
    for (int i = 0; i < 3000; ++i) {
        const auto from = text(), to = text();
        if (from == to) continue;
        const auto diff = unified_diff(from, to, "x", "y");
        CAPTURE(diff);
        CHECK(side(diff, '-') == from);
        CHECK(side(diff, '+') == to);
    }
}

TEST_CASE("long texts that have nothing in common are one change") {
    std::string from, to;
    for (int i = 0; i < 10000; ++i) from += "a\n", to += "b\n";
    const auto diff = unified_diff(from, to, "x", "y");
    CHECK(diff.starts_with("--- x\n+++ y\n@@ -1,10000 +1,10000 @@\n-a\n"));
    CHECK(side(diff, '+') == to);
}
