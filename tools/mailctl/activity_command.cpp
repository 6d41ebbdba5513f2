#include "activity_process.hpp"
#include "activity_verbs.hpp"

namespace vmail::tools {

void add_activity_commands(command_tree& tree) {
    const auto become = [&tree](invocation&, const auto&) -> int { become_activity(tree.line()); };
    add_activity_verbs(tree, {.scan = become, .check = become, .show = become, .traffic = become, .logins = become, .give = become, .merge = become, .forget = become});
}

} // namespace vmail::tools
