#include <algorithm>
#include <cstddef>

#include "alias_loops.hpp"

namespace vmail::nis {

namespace {

constexpr std::size_t most_destinations = 1'000'000;

destination mailbox_of(std::uint32_t account) { return {destination::kind::account, false, account, {}}; }

} // namespace

bool destination_set::insert(const destination& d) {
    if (d.index != none) return indices_.insert(std::uint64_t{d.index} << 8U | static_cast<std::uint8_t>(d.what)).second;
    return texts_.insert(d.text).second;
}

void alias_loop::add(const member& m) {
    members.push_back(m);
    if (m.account != none) logins.push_back(mailbox_of(m.account));
}

bool can_open(const alias_loop& loop) noexcept {
    const std::size_t each = std::max(loop.exits.size(), loop.members.size());
    return loop.logins.size() * each <= most_destinations;
}

std::vector<destination> opened(const alias_loop& loop, const alias_loop::member& m) {
    if (m.account != none) {
        std::vector<destination> all{mailbox_of(m.account)};
        const auto is_other = [&m](const destination& d) { return d.what != destination::kind::account || d.index != m.account; };
        std::copy_if(loop.exits.begin(), loop.exits.end(), std::back_inserter(all), is_other);
        return all;
    }
    // The logins have all exits.
    if (!loop.logins.empty()) return loop.logins;
    if (m.definition == loop.hub) return loop.exits;
    return {{destination::kind::alias, false, loop.hub, {}}};
}

} // namespace vmail::nis
