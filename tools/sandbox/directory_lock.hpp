#pragma once

#include <filesystem>

#include <vmail/descriptor.hpp>

namespace vmail::tools {

/// Holds DIR/lock until it goes: one process at a time starts, stops or deletes what is in DIR.
class directory_lock {
public:
    /// Waits for another holder, up to a minute: then throws conflict. DIR has to be there.
    explicit directory_lock(const std::filesystem::path& dir);

private:
    descriptor file_;
};

} // namespace vmail::tools
