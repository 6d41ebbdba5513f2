#pragma once

#include <optional>
#include <string>
#include <vector>

#include <cli/invocation.hpp>

#include <vmail/activity/finding.hpp>

#include "kept.hpp"

namespace vmail::tools {

struct disabling {
    const std::vector<activity::finding>& findings;
    std::optional<std::string> max_changes;
    reachable_roster& accounts;
};

/// Disables the mailboxes that are to be stopped as compromised, ends their sessions, and tells what they have in the queue. The exit status.
int disable_found(invocation& run, const disabling& what);

} // namespace vmail::tools
