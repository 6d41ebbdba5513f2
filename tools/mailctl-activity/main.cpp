#include <unistd.h>

#include <optional>
#include <set>
#include <string>

#include <CLI/CLI.hpp>

#include <vmail/error.hpp>

#include <cli/command_line.hpp>
#include <cli/process.hpp>

#include "handlers.hpp"

namespace {

using namespace vmail::tools;

/// The command line is that of mailctl, which knows its words and becomes this program for those of "activity".
int run(int argc, const char* const* argv, const diagnostics& err) {
    CLI::App app("What accounts do, by the logs of the daemons", "mailctl");
    global_flags flags;
    app.fallthrough();
    app.require_subcommand(1);
    add_global_flags(app, flags);
    command_tree tree(app, std::set<std::string>(argv + 1, argv + argc));
    add_activity_verbs(tree, {.scan = scan_logs, .check = check_activity, .show = show_activity, .traffic = show_traffic, .logins = write_logins, .give = export_rows, .merge = merge_rows, .forget = forget_accounts});
    if (const auto status = parse_command_line(app, argc, argv)) return *status;
    tree.require_fitting_flags(flags);
    fd_stream out(STDOUT_FILENO, "standard output");
    invocation invoked(flags, err, out);
    const int status = tree.chosen()(invoked);
    if (!out.bad()) out.flush();
    return status;
}

} // namespace

int main(int argc, char** argv) {
    harden_process();
    const diagnostics err(diagnostics_for("mailctl", argc, argv));
    return run_guarded(err, [&] { return run(argc, argv, err); });
}
