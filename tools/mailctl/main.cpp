#include <unistd.h>

#include <iostream>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include <vmail/error.hpp>

#include <cli/command_line.hpp>
#include <cli/exit_status.hpp>
#include <cli/help_text.hpp>
#include <cli/process.hpp>

#include "command.hpp"
#include "completion_command.hpp"
#include "manual.hpp"

namespace {

using namespace vmail::tools;

void add_commands(command_tree& tree) {
    add_domain_commands(tree);
    add_mailbox_commands(tree);
    add_alias_commands(tree);
    add_backup_commands(tree);
    add_mailing_list_commands(tree);
    add_forward_commands(tree);
    add_vacation_commands(tree);
    add_expiry_commands(tree);
    add_quota_commands(tree);
    add_unix_commands(tree);
    add_admin_commands(tree);
    add_check_command(tree);
    add_adopt_command(tree);
    add_import_command(tree);
    add_export_command(tree);
    add_apply_commands(tree);
    add_find_command(tree);
    add_trace_command(tree);
    add_report_command(tree);
    add_activity_commands(tree);
    add_purge_command(tree);
    add_restore_command(tree);
    add_backup_tree_command(tree);
    add_log_command(tree);
    add_undo_command(tree);
    add_sandbox_commands(tree);
    add_config_commands(tree);
    add_completion_command(tree);
    add_describe_command(tree);
    add_whoami_command(tree);
}

/// For whoever does not know yet what to ask for.
int show_overview(const CLI::App& app, const diagnostics& err) {
    err.text(overview_text(app, help_width()));
    return exit_status_of(vmail::error_kind::usage);
}

/// What ends a command says who may do what it was not allowed.
int carried_out(const command& chosen, invocation& invoked) {
    try {
        return chosen(invoked);
    } catch (const vmail::error& e) {
        invoked.explained(e).raise();
    }
}

/// What a shell asks while somebody types: "mailctl complete -- WORD...".
int complete_words(CLI::App& app, const global_flags& flags, std::vector<std::string> words) {
    if (!words.empty() && words.front() == "--") words.erase(words.begin());
    if (words.empty()) words.emplace_back();
    take_flags(app, {words.begin(), words.end() - 1});
    fd_stream out(STDOUT_FILENO, "standard output");
    return complete(app, flags, words, out);
}

/// What the build makes the pages of the manual with: "mailctl manual COMMAND... < SOURCE".
int print_manual(const CLI::App& app, const std::vector<std::string>& commands) {
    std::ostringstream page;
    write_manual(page, app, commands, std::cin);
    fd_stream out(STDOUT_FILENO, "standard output");
    out << page.str();
    out.flush();
    return 0;
}

int run(int argc, const char* const* argv, const diagnostics& err) {
    CLI::App app("Virtual mailboxes in LDAP, run from the shell", "mailctl");
    global_flags flags;
    app.fallthrough(); // inherited: common flags may follow the verb
    app.require_subcommand(1);
    app.set_version_flag("--version", "mailctl " MAILCTL_VERSION);
    app.footer("Examples (\"mailctl help NOUN VERB\" tells of one command, \"--help\" of all flags):\n"
               "  mailctl sandbox start      # a private server to try things on\n"
               "  mailctl --sandbox domain add example.org");
    add_global_flags(app, flags);
    const bool needs_all = argc > 1 && std::string_view(argv[1]) == "manual";
    command_tree tree(app, needs_all ? std::nullopt : std::optional(std::set<std::string>(argv + 1, argv + argc)));
    tree.set_line({argv + 1, argv + argc});
    add_commands(tree);

    if (argc == 1) return show_overview(app, err);
    if (std::string_view(argv[1]) == "complete") return complete_words(app, flags, {argv + 2, argv + argc});
    if (std::string_view(argv[1]) == "manual") return print_manual(app, {argv + 2, argv + argc});
    if (const auto status = parse_command_line(app, argc, argv)) return *status;
    tree.require_fitting_flags(flags);
    if (tree.asked_looks_only()) flags.dry_run = true;
    fd_stream out(STDOUT_FILENO, "standard output");
    invocation invoked(flags, err, out);
    const int status = carried_out(tree.chosen(), invoked);
    if (!out.bad()) out.flush();
    return status;
}

} // namespace

int main(int argc, char** argv) {
    harden_process();
    const diagnostics err(diagnostics_for("mailctl", argc, argv));
    return run_guarded(err, [&] { return run(argc, argv, err); });
}
