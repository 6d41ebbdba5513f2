#pragma once

#include <filesystem>
#include <string>

#include <vmail/descriptor.hpp>

namespace vmail::tools {

/// Keeps a second run away for as long as it lives, and no longer: the lock is the kernel's, and ends with the process.
class lock_file {
public:
    /// Does not wait. Throws conflict naming the process that holds it, error(configuration) when there can be no lock there. The folder is made when
    /// it is missing; the file stays behind. The hint is for where there can be none.
    explicit lock_file(const std::filesystem::path& path, const std::string& hint = "name another file with --lock-file");

private:
    void acquire(const std::filesystem::path& path);

    descriptor fd_;
};

} // namespace vmail::tools
