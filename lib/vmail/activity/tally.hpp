#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include <vmail/activity/event.hpp>
#include <vmail/activity/network.hpp>
#include <vmail/activity/rows.hpp>

namespace vmail::activity {

struct tally_options {
    network_form networks = network_form::shortened;
    std::string delimiters{}; ///< of extensions in addresses
};

/// What hears of rows. What it is handed lives until it returns.
struct row_visitor {
    std::function<void(const count_row&)> on_counts{};
    std::function<void(const sighting&)> on_sighting{};
    std::function<void(const last_use&)> on_use{};
};

/// Events on their way into rows, in memory: a row of each account, host and hour, however many events they are.
class tally {
public:
    explicit tally(tally_options options);
    ~tally();
    tally(const tally&) = delete;
    tally& operator=(const tally&) = delete;

    void add(const event& e);
    /// Of all that was added, in no order.
    void each(const row_visitor& visit) const;
    bool empty() const noexcept;
    void clear();

private:
    struct state;
    tally_options options_;
    std::unique_ptr<state> state_;
};

} // namespace vmail::activity
