#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/jobs/import.hpp>
#include <vmail/printable.hpp>

#include <cli/terminal.hpp>

#include "command.hpp"

namespace vmail::tools {

namespace {

struct import_flags {
    std::string file{};
    std::string journal_folder{};
    bool update = false;
};

bool is_failure(import_fate fate) {
    return fate == import_fate::differs || fate == import_fate::failed || fate == import_fate::in_doubt || fate == import_fate::skipped;
}

bool is_change(import_fate fate) { return fate == import_fate::added || fate == import_fate::changed || fate == import_fate::removed; }

/// A line for each record: on standard output what was done, on standard error what was not.
class import_report {
public:
    import_report(invocation& run, std::string file)
        : run_(run), file_(printable(file)), output_(make_output(run.format(), table_shape::lines, run.out())) {}

    void add(const import_item& item) {
        if (is_failure(item.fate)) {
            last_failure_ = item.exit_status;
            run_.err().warning(
                fmt::format("{}:{}: {} {}{}", file_, item.line, item.dn.text(), name(item.fate), item.sentence.empty() ? "" : ": " + item.sentence));
        }
        if (run_.writes_json())
            output_->write(full_record(item));
        else if (!is_failure(item.fate) && !run_.flags().quiet && !run_.flags().dry_run)
            output_->write({{"dn", item.dn.text()}, {"outcome", std::string(name(item.fate))}});
    }

    int finish(const import_summary& sum) {
        output_->finish(sum.anything_changed());
        run_.err().note(fmt::format("{} records{}: {} added, {} changed, {} removed, {} unchanged, {} differ, {} failed, {} in doubt, {} skipped",
                                    sum.records, run_.flags().dry_run ? " (dry run)" : "", sum.added, sum.changed, sum.removed, sum.unchanged,
                                    sum.differs, sum.failed, sum.in_doubt, sum.skipped));
        if (sum.stopped) return stopped(sum);
        if (sum.in_doubt > 0) return exit_status(error_kind::in_doubt);
        if (!sum.all_good()) return sum.records == 1 && last_failure_ != 0 ? last_failure_ : 1;
        return sum.anything_changed() && run_.flags().dry_run && run_.flags().detailed_exit_status ? 2 : 0;
    }

private:
    record full_record(const import_item& item) const {
        record r{{"dn", item.dn.text()},
                 {"line", static_cast<std::int64_t>(item.line)},
                 {"outcome", std::string(name(item.fate))},
                 {"changed", is_change(item.fate)}};
        if (run_.flags().dry_run) r.push_back({"ldif", run_.take_pending_ldif()});
        if (!item.sentence.empty()) r.push_back({"message", item.sentence});
        if (is_failure(item.fate)) r.push_back({"exit_status", std::int64_t{item.exit_status}});
        return r;
    }

    int stopped(const import_summary& sum) const {
        const auto kind = was_interrupted() ? error_kind::interrupted : sum.in_doubt > 0 ? error_kind::in_doubt : error_kind::unavailable;
        run_.err().failure(error(kind, fmt::format("the import stopped before its end: {}", sum.stopped_why),
                                 {.hint = "run it again: what is done already is left as it is"}));
        return was_interrupted() || sum.in_doubt > 0 || sum.exit_status == 0 ? exit_status(kind) : sum.exit_status;
    }

    invocation& run_;
    std::string file_;
    std::unique_ptr<output> output_;
    int last_failure_ = 0;
};

std::optional<journal> open_journal(invocation& run, const import_flags& flags) {
    if (run.flags().dry_run) return std::nullopt;
    const auto folder = flags.journal_folder.empty() ? journal_folder(run.configuration()) : std::filesystem::path(flags.journal_folder);
    return journal::create(folder, "import", run.session().uri(), run.session().identity());
}

int run_import(invocation& run, const import_flags& flags) {
    auto& session = run.session();
    auto kept = open_journal(run, flags);
    import_options options{.dry_run = run.flags().dry_run, .update = flags.update, .journal = kept ? &*kept : nullptr};
    options.on_write = [&](const ldap::write_request& request) { run.see_write(request); };
    options.stop = was_interrupted;
    remember_interrupts();

    import_report report(run, flags.file);
    const auto summary = import_ldif(session, flags.file, options, [&](const import_item& item) { report.add(item); });
    if (kept) {
        if (summary.anything_changed()) run.err().detail(fmt::format("the journal is {}", printable(kept->path().native())));
        kept->close();
    }
    return report.finish(summary);
}

} // namespace

void add_import_command(command_tree& tree) {
    tree.add_verb<import_flags>(
        tree.root(), "import", "Carry out an LDIF file: add its entries, make its changes", "mailctl import accounts.ldif --dry-run",
        [](CLI::App& verb, import_flags& flags) {
            verb.add_option("file", flags.file, "LDIF, or - for standard input")->type_name("")->required();
            verb.add_flag("--update", flags.update, "make entries equal that are there already and differ");
            verb.add_option("--journal", flags.journal_folder, "folder for the record of what was done (journal-dir in mailctl.conf)")
                ->type_name("DIR");
        },
        run_import);
}

} // namespace vmail::tools
