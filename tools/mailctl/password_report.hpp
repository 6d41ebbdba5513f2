#pragma once

#include "command.hpp"

namespace vmail::tools {

/// "password-report", of mailboxes.
void add_password_report(command_tree& tree, CLI::App& mailbox_noun);

} // namespace vmail::tools
