#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <fmt/format.h>

#include <vmail/unified_diff.hpp>

namespace vmail {

namespace {

using lines = std::vector<std::string_view>;

/// With their ends, so that the last one may lack it.
lines split(std::string_view text) {
    lines found;
    while (!text.empty()) {
        found.push_back(text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1));
        text.remove_prefix(found.back().size());
    }
    return found;
}

/// One step from the first text to the second: a line of both, of the first alone, or of the second alone.
struct step {
    char mark; ///< as in the diff: ' ', '-', '+'
    std::string_view line;
};

/// How long the longest common subsequence of what begins at each pair of lines is.
class common_lengths {
public:
    common_lengths(const lines& from, const lines& to) : columns_(to.size() + 1), lengths_((from.size() + 1) * columns_) {
        for (auto i = from.size(); i-- > 0;)
            for (auto j = to.size(); j-- > 0;) lengths_[i * columns_ + j] = from[i] == to[j] ? at(i + 1, j + 1) + 1 : std::max(at(i + 1, j), at(i, j + 1));
    }
    std::uint32_t at(std::size_t i, std::size_t j) const { return lengths_[i * columns_ + j]; }

private:
    std::size_t columns_;
    std::vector<std::uint32_t> lengths_;
};

/// More pairs of lines than this are not compared one by one: all that differs is one change then.
constexpr std::size_t most_pairs = 16'000'000;

void add_steps(std::vector<step>& steps, const lines& from, const lines& to) {
    std::size_t i = 0, j = 0;
    if (from.size() * to.size() <= most_pairs)
        for (const common_lengths common(from, to); i < from.size() && j < to.size();) {
            if (from[i] == to[j]) steps.push_back({' ', from[i]}), ++i, ++j;
            else if (common.at(i + 1, j) >= common.at(i, j + 1)) steps.push_back({'-', from[i++]});
            else steps.push_back({'+', to[j++]});
        }
    for (; i < from.size(); ++i) steps.push_back({'-', from[i]});
    for (; j < to.size(); ++j) steps.push_back({'+', to[j]});
}

std::vector<step> steps_between(const lines& from, const lines& to) {
    const auto shorter = static_cast<std::ptrdiff_t>(std::min(from.size(), to.size()));
    const auto head = std::mismatch(from.begin(), from.begin() + shorter, to.begin()).first - from.begin();
    const auto tail = std::mismatch(from.rbegin(), from.rbegin() + (shorter - head), to.rbegin()).first - from.rbegin();
    std::vector<step> steps;
    for (auto at = from.begin(); at != from.begin() + head; ++at) steps.push_back({' ', *at});
    add_steps(steps, {from.begin() + head, from.end() - tail}, {to.begin() + head, to.end() - tail});
    for (auto at = from.end() - tail; at != from.end(); ++at) steps.push_back({' ', *at});
    return steps;
}

constexpr std::size_t context = 3;

/// Steps that are told together: changes, with the lines around them.
struct hunk {
    std::size_t begin, end;
};

std::vector<hunk> hunks_of(const std::vector<step>& steps) {
    std::vector<hunk> found;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (steps[i].mark == ' ') continue;
        const auto begin = i < context ? 0 : i - context, end = std::min(i + context + 1, steps.size());
        if (!found.empty() && begin <= found.back().end) found.back().end = end;
        else found.push_back({begin, end});
    }
    return found;
}

std::size_t count_without(const std::vector<step>& steps, std::size_t begin, std::size_t end, char mark) {
    return static_cast<std::size_t>(std::count_if(steps.begin() + static_cast<std::ptrdiff_t>(begin), steps.begin() + static_cast<std::ptrdiff_t>(end), [&](const step& s) { return s.mark != mark; }));
}

/// "12,3", where a hunk without lines names the line before it.
std::string range(std::size_t before, std::size_t count) { return fmt::format("{},{}", count == 0 ? before : before + 1, count); }

void append(std::string& text, const step& s) {
    text += s.mark;
    text += s.line;
    if (!s.line.ends_with('\n')) text += "\n\\ No newline at end of file\n";
}

} // namespace

std::string unified_diff(std::string_view from, std::string_view to, std::string_view from_name, std::string_view to_name) {
    if (from == to) return {};
    auto text = fmt::format("--- {}\n+++ {}\n", from_name, to_name);
    const auto steps = steps_between(split(from), split(to));
    for (const auto& h : hunks_of(steps)) {
        const auto side = [&](char other) { return range(count_without(steps, 0, h.begin, other), count_without(steps, h.begin, h.end, other)); };
        text += fmt::format("@@ -{} +{} @@\n", side('+'), side('-'));
        for (auto i = h.begin; i < h.end; ++i) append(text, steps[i]);
    }
    return text;
}

} // namespace vmail
