#include <algorithm>
#include <cstddef>

#include <vmail/nearest.hpp>

namespace vmail {

namespace {

/// Optimal string alignment: letters put in, left out, changed, and neighbours that change places.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i)
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t changed = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, changed});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    return cost[a.size()][b.size()];
}

std::string only_one_beginning_with(std::string_view word, const std::vector<std::string_view>& known) {
    constexpr std::size_t shortest = 2;
    const auto begins = [word](std::string_view k) { return k.starts_with(word); };
    if (word.size() < shortest || std::count_if(known.begin(), known.end(), begins) != 1) return {};
    return std::string(*std::find_if(known.begin(), known.end(), begins));
}

} // namespace

std::string nearest(std::string_view word, const std::vector<std::string_view>& known) {
    constexpr std::size_t longest = 64; // what is longer is no slip of a finger
    if (word.empty() || word.size() > longest) return {};
    std::string_view best;
    std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const auto k : known)
        if (const auto d = distance(word, k); d < least && d < k.size()) least = d, best = k;
    return best.empty() ? only_one_beginning_with(word, known) : std::string(best);
}

} // namespace vmail
