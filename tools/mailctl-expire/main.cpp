#include <unistd.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/jobs/expiry_run.hpp>
#include <vmail/jobs/machine_clock.hpp>
#include <vmail/jobs/runner.hpp>
#include <vmail/printable.hpp>

#include <cli/command_line.hpp>
#include <cli/exit_status.hpp>
#include <cli/invocation.hpp>
#include <cli/job_files.hpp>
#include <cli/job_flags.hpp>
#include <cli/lock_file.hpp>
#include <cli/plan_run.hpp>
#include <cli/process.hpp>
#include <cli/terminal.hpp>

#include "nagios.hpp"
#include "run_report.hpp"
#include "textfile.hpp"

namespace {

using namespace vmail;
using namespace vmail::tools;

struct expire_flags {
    global_flags common{};
    std::string as_of = "now";
    std::string max_changes{};
    std::optional<std::string> domain{};
    std::string lock{};
    std::string textfile{};
    bool nagios = false;
    bool commit = false;
    bool accept_clock = false;
    bool full = false;

    /// One that the next can go on from: of all domains, by the clock.
    bool is_ordinary() const { return as_of == "now" && !domain; }
};

void add_flags(CLI::App& app, expire_flags& flags) {
    add_job_flags(app, flags.common, "print what is due, change nothing");
    const auto slot = [&](setting_key key) -> auto& { return flags.common.settings[static_cast<std::size_t>(key)]; };
    app.add_option("--as-of", flags.as_of, "the moment that dates are compared with: 2026-12-31, 2026-12-31T14:30:00Z, now")->group(job_group)->type_name("TIME");
    app.add_option("--max-changes", flags.max_changes, "the most mailboxes to disable; \"none\": no limit. Without it 10, or 1 % of the accounts if that is more")
        ->group(job_group)->type_name("N");
    app.add_option("--domain", flags.domain, "this domain alone")->group(job_group)->type_name("DOMAIN");
    app.add_option("--lock-file", flags.lock, "keeps a second run away")->group(job_group)->type_name("FILE");
    app.add_option("--journal-dir", slot(setting_key::journal_dir), "folder for the record of what was done")->group(job_group)->type_name("DIR");
    app.add_flag("--commit", flags.commit, "change something also in the first run on a directory, which else only tells what is due")->group(job_group);
    app.add_flag("--accept-clock", flags.accept_clock, "the clock of this machine is right, whatever the directory and the last run say")->group(job_group);
    app.add_flag("--full", flags.full, "look at all mailboxes, not only at what was about to end or has changed since the last run")->group(job_group);
    app.add_option("--textfile", flags.textfile, "figures for Prometheus' node exporter as well, into this file")->group(job_group)->type_name("FILE");
    app.add_flag("--nagios", flags.nagios, "one line with performance data, and exit status 0, 1, 2 or 3")->group(job_group);
}

expiry_options make_options(const expire_flags& flags, const configuration& c) {
    expiry_options options{.as_of = timestamp::parse(flags.as_of, c.zone)};
    if (flags.domain) options.domain = domain_name::parse(*flags.domain);
    options.stop = was_interrupted;
    return options;
}

std::filesystem::path lock_path(const expire_flags& flags, const configuration& c) {
    if (!flags.lock.empty()) return flags.lock;
    return lock_folder(c) / job_file(c, "mailctl-expire", "lock");
}

std::filesystem::path memory_path(const configuration& c) { return state_folder(c) / job_file(c, "mailctl-expire", "state"); }

/// Whoever only looks may be somebody else than who runs it every night.
std::optional<expiry_memory> read_memory(const expire_flags& flags, const configuration& c) {
    try {
        return expiry_memory::read(memory_path(c));
    } catch (const error&) {
        if (!flags.common.dry_run) throw;
    }
    return std::nullopt;
}

/// Ten runs that did not come are more than a machine that was off for a night.
std::chrono::seconds longest_pause(const configuration& c) { return 10 * c.expiry_period; }

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
    if (r.is_over_limit() || (r.is_unknown && !r.dry_run)) return tools::exit_status_of(error_kind::limit_exceeded);
    const auto& sum = r.summary;
    if (const int status = tools::exit_status_of(sum, 2); sum.stopped || sum.in_doubt > 0) return status;
    if (sum.failed > 0 || !r.plan.malformed.empty()) return some_failed;
    return r.dry_run && flags.common.detailed_exit_status && r.due() > 0 ? changes_pending : 0;
}

std::string due_words(const run_result& r) { return r.due() == 1 ? "1 mailbox is" : fmt::format("{} mailboxes are", r.due()); }

void show_due(const expiry_plan& plan, run_report& report) {
    for (std::size_t i = 0; i < plan.ends.size(); ++i) report.due({plan.plan.changes[i], plan.ends[i]});
}

/// What the next run goes by is kept before anything is changed, and once more with what came of it.
void carry_out(invocation& run, expiry_plan& plan, const run_options& how, run_result& result, run_report& report) {
    const auto keep = [&] {
        if (plan.memory) plan.memory->write(memory_path(run.configuration()));
    };
    keep();
    if (result.is_over_limit()) return;
    const auto tell = told_to(report, plan);
    result.summary = vmail::run(run.directory(), plan.plan, how, [&](const change_outcome& o) {
        if (plan.memory && o.entry) plan.memory->saw(*o.entry);
        tell(o);
    });
    if (result.summary.anything_changed()) keep();
}

int expire(const expire_flags& flags, invocation& run) {
    require_job_format(run, "mailctl-expire");
    const auto max_changes = flags.max_changes.empty() ? std::nullopt : std::optional(flags.max_changes);
    const auto run_settings = make_run_options(run, "expire", max_changes);
    remember_interrupts();
    std::optional<lock_file> lock;
    if (!flags.common.dry_run) lock.emplace(lock_path(flags, run.configuration()));

    std::optional<prometheus_file> figures;
    if (!flags.textfile.empty()) figures.emplace(flags.textfile); // one that cannot be written is told before anything is done
    const auto& c = run.configuration();
    const auto last = read_memory(flags, c);
    if (!last && !flags.common.dry_run) set_aside_damaged(run.err(), memory_path(c), "this is like a first run, which looks at all");
    auto options = make_options(flags, c);
    options.keeps_memory = flags.is_ordinary();
    if (!flags.full) options.memory = last;
    if (flags.is_ordinary() && !flags.common.dry_run && !flags.accept_clock)
        require_plausible_clock(run.directory(), options.as_of, last ? std::optional(last->looked_at()) : std::nullopt, longest_pause(c));

    auto plan = plan_expiry(run.directory(), options);
    const auto report = make_report(flags, run);
    run_result result{.plan = plan, .limit = cap_for(run.directory(), plan.plan.changes.size(), run_settings.max_changes), .dry_run = flags.common.dry_run};
    if (last) result.last_look = last->looked_at();
    result.is_overdue = last && options.as_of.instant() - last->looked_at().instant() > longest_pause(c);
    result.is_unknown = !last && !flags.commit && !c.first_expiry_run_commits && result.due() > 0;
    for (const auto& e : plan.malformed) report->malformed(e);
    if (result.only_tells()) show_due(plan, *report);
    else carry_out(run, plan, run_settings, result, *report);

    const int status = exit_status_of(result, flags);
    report->finish(result, status);
    if (figures) write_textfile(*figures, result);
    if (flags.nagios) return status;
    if (result.is_unknown && !result.dry_run)
        throw limit_exceeded(fmt::format("this is the first run on this directory, and {} due: nothing was changed", due_words(result)), {.remedy = remedy::commit_first_run});
    if (result.is_over_limit())
        throw limit_exceeded(fmt::format("{} due, and one run may disable {}: nothing was changed", due_words(result), result.limit),
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
    app.footer("Examples:\n"
               "  mailctl-expire -n\n"
               "  mailctl-expire --domain example.org --max-changes 50\n"
               "  mailctl-expire --nagios -n\n\n"
               "See mailctl-expire(8).");
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
