#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace vmail::activity {

/// What the clocks of hosts showed last. Those of others differ: each is held against itself.
class host_clocks {
public:
    /// Whether it goes back by more than six hours, which no summer time does: these lines were written before.
    bool goes_back(std::string_view host, std::int64_t when) {
        constexpr std::int64_t much = 6 * 3600;
        constexpr std::size_t most = 256;
        const auto found = last_.find(host);
        if (found == last_.end()) {
            if (last_.size() < most) last_.emplace(host, when);
            return false;
        }
        if (when < found->second - much) return true;
        found->second = when;
        return false;
    }

private:
    std::map<std::string, std::int64_t, std::less<>> last_{};
};

} // namespace vmail::activity
