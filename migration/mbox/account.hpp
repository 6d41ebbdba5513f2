#pragma once

#include <optional>
#include <string_view>

#include <sys/types.h>

namespace vmail::mbox {

/// Whose files are written.
struct account {
    uid_t uid = 0;
    gid_t gid = 0;

    /// "USER", "USER:GROUP", or numbers; without a group it is the user's own. Throws error(usage) for one that does not exist.
    static account parse(std::string_view text);
    /// That of the process.
    static account own() noexcept;
    bool operator==(const account&) const = default;
};

/// While it lives, the process has the effective ids of the account, and no supplementary groups: whatever links and directories a user puts in our way, nothing
/// is written that he could not write himself. Does nothing where the process has these ids already.
class acting_as {
public:
    /// Throws denied where the process may not.
    explicit acting_as(const account& a);
    acting_as(const acting_as&) = delete;
    acting_as& operator=(const acting_as&) = delete;
    ~acting_as();

private:
    std::optional<account> before_;
};

} // namespace vmail::mbox
