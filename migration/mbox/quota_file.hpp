#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <vmail/quota.hpp>

#include "account.hpp"
#include "maildir.hpp"

namespace vmail::mbox {

/// What a run did that the file maildirsize has to know.
struct quota_change {
    std::uint64_t bytes = 0; ///< added
    std::uint64_t messages = 0;
    bool resumed = false; ///< messages were found that may be in no sum
};

/// Keeps the file maildirsize of a Maildir++ true: a line is added where the file is there. It is counted anew and written where the quota is given and is not the file's, and after a
/// run that was broken off. All folders count, with Trash, as in Dovecot. Without the file and without a quota nothing happens.
void update_quota_file(const descriptor& maildir, const account& owner, const std::optional<vmail::quota>& quota, const quota_change& change);

} // namespace vmail::mbox
