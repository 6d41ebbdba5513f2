#include <optional>
#include <string>

#include "check_repairs.hpp"
#include "command.hpp"

namespace vmail::tools {

namespace {

struct adopt_flags {
    std::optional<std::string> domain{};
    std::optional<std::string> max_changes{};
};

int adopt(invocation& run, const adopt_flags& flags) {
    check::options wanted;
    if (flags.domain) wanted.domain = domain_name::parse(*flags.domain);
    return carry_out_repairs(run, wanted,
                             {.job = "adopt", .ask = "adopt the tree: carry out {}?", .most = check::repair::adoption, .question = question::always, .max_changes = flags.max_changes});
}

} // namespace

void add_adopt_command(command_tree& tree) {
    tree.add_verb<adopt_flags>(
        tree.root(), "adopt", "Take over a tree that others made: give it what the daemons look for", "mailctl adopt --dry-run",
        [](CLI::App& verb, adopt_flags& flags) {
            verb.add_option("--domain", flags.domain, "this domain alone")->type_name("DOMAIN");
            verb.add_option("--max-changes", flags.max_changes, "the most that may change at once; \"none\": no limit. Without it 10, or 1 % of all mailboxes if that is more")
                ->type_name("N");
        },
        adopt);
}

} // namespace vmail::tools
