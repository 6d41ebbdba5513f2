#include <unistd.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/jobs/expiry_run.hpp>
#include <vmail/jobs/runner.hpp>
#include <vmail/printable.hpp>

#include <cli/command_line.hpp>
#include <cli/exit_status.hpp>
#include <cli/invocation.hpp>
#include <cli/plan_run.hpp>
#include <cli/process.hpp>
#include <cli/terminal.hpp>

#include "lock_file.hpp"
#include "nagios.hpp"
#include "run_report.hpp"

namespace {

using namespace vmail;
using namespace vmail::tools;

constexpr int some_failed = 1, changes_pending = 2;

struct expire_flags {
    global_flags common{};
    std::string as_of = "now";
    std::string max_changes{};
    std::optional<std::string> domain{};
    std::string lock{};
    bool nagios = false;
};

void add_flags(CLI::App& app, expire_flags& flags) {
    add_global_flags(app, flags.common);
    app.get_option("--output")->description("the form of what is told")->type_name("table|json|jsonl");
    app.get_option("--dry-run")->description("print what is due, change nothing");
    app.remove_option(app.get_option("--fields"));
    app.remove_option(app.get_option("--yes"));
    constexpr auto group = "Run";
    const auto slot = [&](setting_key key) -> auto& { return flags.common.settings[static_cast<std::size_t>(key)]; };
    app.add_option("--as-of", flags.as_of, "the moment that dates are compared with: 2026-12-31, 2026-12-31T14:30:00Z, now")->group(group)->type_name("TIME");
    app.add_option("--max-changes", flags.max_changes, "the most mailboxes to disable; \"none\": no limit. Without it 10, or 1 % of the accounts if that is more")
        ->group(group)->type_name("N");
    app.add_option("--domain", flags.domain, "this domain alone")->group(group)->type_name("DOMAIN");
    app.add_option("--lock-file", flags.lock, "keeps a second run away")->group(group)->type_name("FILE");
    app.add_option("--journal-dir", slot(setting_key::journal_dir), "folder for the record of what was done")->group(group)->type_name("DIR");
    app.add_flag("--nagios", flags.nagios, "one line with performance data, and exit status 0, 1, 2 or 3")->group(group);
}

expiry_options make_options(const expire_flags& flags, const configuration& c) {
    expiry_options options{.as_of = timestamp::parse(flags.as_of, c.zone)};
    if (flags.domain) options.domain = domain_name::parse(*flags.domain);
    options.stop = was_interrupted;
    return options;
}

/// One for each directory: a run on a test server keeps nobody away from the real one.
std::filesystem::path lock_path(const expire_flags& flags, const configuration& c) {
    if (!flags.lock.empty()) return flags.lock;
    std::string directory = c.base ? c.base->key() : "";
    for (const auto& uri : c.uris) directory += ' ' + uri;
    return lock_folder(c) / fmt::format("mailctl-expire-{:016x}.lock", ascii::ihash(directory));
}

std::unique_ptr<run_report> make_report(const expire_flags& flags, invocation& run) {
    if (flags.nagios) return make_nagios_report(run.out());
    const auto& zone = run.configuration().zone;
    if (run.writes_json()) return make_json_report(run.out(), zone, run.format() == output_format::jsonl);
    return make_text_report(run.out(), run.err());
}

/// What came of one, with its end.
std::function<void(const change_outcome&)> told_to(run_report& report, const expiry_plan& plan) {
    return [&](const change_outcome& o) { report.done({o.change, plan.ends[static_cast<std::size_t>(&o.change - plan.plan.changes.data())]}, o); };
}

int exit_status_of(const run_result& r, const expire_flags& flags) {
    if (flags.nagios) return nagios_status(r);
    if (r.is_over_limit()) return tools::exit_status_of(error_kind::limit_exceeded);
    const auto& sum = r.summary;
    if (const int status = tools::exit_status_of(sum, 2); sum.stopped || sum.in_doubt > 0) return status;
    if (sum.failed > 0 || !r.plan.malformed.empty()) return some_failed;
    return r.dry_run && flags.common.detailed_exit_status && r.due() > 0 ? changes_pending : 0;
}

void show_due(const expiry_plan& plan, run_report& report) {
    for (std::size_t i = 0; i < plan.ends.size(); ++i) report.due({plan.plan.changes[i], plan.ends[i]});
}

int expire(const expire_flags& flags, invocation& run) {
    if (run.format() != output_format::table && !run.writes_json())
        throw error(error_kind::usage, fmt::format("mailctl-expire has no output format {}", flags.common.output), {.hint = "the formats are table, json and jsonl"});
    const auto max_changes = flags.max_changes.empty() ? std::nullopt : std::optional(flags.max_changes);
    const auto run_settings = make_run_options(run, "expire", max_changes);
    remember_interrupts();
    std::optional<lock_file> lock;
    if (!flags.common.dry_run) lock.emplace(lock_path(flags, run.configuration()));

    const auto plan = plan_expiry(run.directory(), make_options(flags, run.configuration()));
    const auto report = make_report(flags, run);
    run_result result{.plan = plan, .limit = cap_for(run.directory(), plan.plan.changes.size(), run_settings.max_changes), .dry_run = flags.common.dry_run};
    for (const auto& e : plan.malformed) report->malformed(e);
    if (flags.common.dry_run) show_due(plan, *report);
    else if (!result.is_over_limit()) result.summary = vmail::run(run.directory(), plan.plan, run_settings, told_to(*report, plan));

    const int status = exit_status_of(result, flags);
    report->finish(result, status);
    if (flags.nagios) return status;
    if (result.is_over_limit())
        throw limit_exceeded(fmt::format("{} due, and one run may disable {}: nothing was changed", result.due() == 1 ? "1 mailbox is" : fmt::format("{} mailboxes are", result.due()), result.limit),
                             {.remedy = remedy::look_then_allow_changes, .subject = std::to_string(result.due())});
    if (const auto& stopped = result.summary.stopped)
        run.err().failure(error(stopped->kind(), fmt::format("the run stopped before its end: {}", stopped->what()), {.hint = "run it again: what is done already is left as it is"}), status);
    return status;
}

/// Also where the rest of the command line makes no sense.
bool is_for_nagios(int argc, const char* const* argv) {
    const auto end = std::find(argv, argv + argc, std::string_view("--"));
    return std::any_of(argv, end, [](std::string_view argument) { return argument == "--nagios" || argument.starts_with("--nagios="); });
}

int run(int argc, const char* const* argv, const diagnostics& err) {
    CLI::App app("Disable the mailboxes whose time is up", "mailctl-expire");
    expire_flags flags;
    add_flags(app, flags);
    app.set_version_flag("--version", "mailctl-expire " MAILCTL_VERSION);
    app.footer("See mailctl-expire(8).");
    fd_stream out(STDOUT_FILENO, "standard output");
    try {
        if (const auto status = parse_command_line(app, argc, argv)) return *status;
        invocation invoked(flags.common, err, out);
        const int status = expire(flags, invoked);
        if (!out.bad()) out.flush();
        return status;
    } catch (const error& e) {
        if (!is_for_nagios(argc, argv)) throw;
        return tell_nagios(out, e);
    }
}

} // namespace

int main(int argc, char** argv) {
    harden_process();
    const diagnostics err(diagnostics_for("mailctl-expire", argc, argv));
    const int status = run_guarded(err, [&] { return run(argc, argv, err); });
    return is_for_nagios(argc, argv) ? nagios_status(status) : status;
}
