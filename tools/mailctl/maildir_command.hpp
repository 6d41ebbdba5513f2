#pragma once

#include "command.hpp"

namespace vmail::tools {

/// mailbox make-maildir.
void add_maildir_verb(command_tree& tree, CLI::App& noun);

} // namespace vmail::tools
