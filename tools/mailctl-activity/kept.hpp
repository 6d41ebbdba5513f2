#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include <cli/invocation.hpp>
#include <cli/lock_file.hpp>

#include <vmail/activity/finding.hpp>
#include <vmail/activity/store.hpp>

namespace vmail::tools {

/// The store of the settings, to be read.
activity::store open_store(invocation& run);

/// The same to be written to, with the lock beside it that keeps a second run away.
class written_store {
public:
    explicit written_store(invocation& run);
    activity::store& operator*() noexcept { return store_; }
    activity::store* operator->() noexcept { return &store_; }

private:
    std::filesystem::path file_;
    lock_file lock_;
    activity::store store_;
};

/// The hours that "24h" or "7d" ago begin with, to the one that is now. Throws error(usage).
activity::hour_span span_since(const std::string& since, std::int64_t now);

/// Those of the settings, and of the file that they name.
activity::thresholds thresholds_of(invocation& run);

/// The first hour that is kept, and the first moment of last uses; the least number where all is.
std::int64_t first_kept_hour(invocation& run, std::int64_t now);
std::int64_t first_kept_use(invocation& run, std::int64_t now);

/// The mailboxes of the directory. Nothing where it cannot be asked, and why.
class reachable_roster {
public:
    explicit reachable_roster(invocation& run);
    activity::roster* get() noexcept { return roster_ ? &*roster_ : nullptr; }
    const std::string& why_not() const noexcept { return why_not_; }

private:
    std::optional<activity::roster> roster_{};
    std::string why_not_{};
};

} // namespace vmail::tools
