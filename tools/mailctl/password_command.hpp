#pragma once

#include "command.hpp"

namespace vmail::tools {

/// The verbs password and unlock.
void add_mailbox_passwords(command_tree& tree, CLI::App& noun);
void add_admin_passwords(command_tree& tree, CLI::App& noun);

} // namespace vmail::tools
