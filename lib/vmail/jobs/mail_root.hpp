#pragma once

#include <optional>
#include <string>

#include <vmail/descriptor.hpp>

/// Internal to the jobs.
namespace vmail::jobs {

/// The folder below which all mail lies. Who may write to the directory may write any path: none leads out of it, and no symbolic link is followed.
class mail_root {
public:
    /// The path is the site's own decision, and may be a symbolic link. Throws error(configuration) when it cannot be opened.
    explicit mail_root(std::string path);

    /// The folder of a mailbox, by its vdHome and mailbox; a home is the root or lies below it. Nothing: it is not there. Throws invalid_value for a path that no
    /// mailbox should have or that lies elsewhere, error(unavailable) for what cannot be opened.
    std::optional<descriptor> find(const std::string& home, const std::string& path) const;

    const std::string& path() const noexcept { return path_; }

private:
    std::string below(const std::string& home, const std::string& path) const;

    std::string path_;
    descriptor folder_;
};

} // namespace vmail::jobs
