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
    host_clocks() = default;
    /// Where a log goes on: this one wrote the last line that was read of it.
    host_clocks(std::string_view host, std::int64_t when) : latest_(host) { last_.emplace(host, when); }

    /// That of the last line.
    const std::string& latest() const noexcept { return latest_; }

    /// Whether it goes back by more than six hours, which no summer time does: these lines were written before.
    bool goes_back(std::string_view host, std::int64_t when) {
        constexpr std::int64_t much = 6 * 3600;
        constexpr std::size_t most = 256;
        const auto found = last_.find(host);
        if (found != last_.end() && when < found->second - much) return true;
        if (found != last_.end()) found->second = when;
        else if (last_.size() < most) last_.emplace(host, when);
        if (latest_ != host) latest_ = host;
        return false;
    }

private:
    std::map<std::string, std::int64_t, std::less<>> last_{};
    std::string latest_{};
};

} // namespace vmail::activity
