#pragma once

#include "command.hpp"

namespace vmail::tools {

/// "quota report": what mailboxes hold, beside what they may hold.
void add_quota_report(command_tree& tree, CLI::App& noun);

} // namespace vmail::tools
