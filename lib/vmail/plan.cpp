#include <algorithm>
#include <array>

#include <vmail/plan.hpp>

namespace vmail {

std::size_t plan::drastic() const noexcept {
    return static_cast<std::size_t>(
        std::count_if(changes.begin(), changes.end(), [](const planned_change& c) { return c.drastic && !c.fault && !c.requests.empty(); }));
}

std::size_t plan::items() const noexcept {
    std::size_t count = 0;
    for (std::size_t i = 0; i < changes.size(); ++i)
        if (i == 0 || changes[i].item != changes[i - 1].item) ++count;
    return count;
}

std::string_view name(fate f) noexcept {
    constexpr std::array<std::string_view, 7> names = {"done", "unchanged", "conflict", "failed", "in_doubt", "unfinished", "skipped"};
    return names[static_cast<std::size_t>(f)];
}

} // namespace vmail
