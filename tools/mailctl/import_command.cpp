#include <unistd.h>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/jobs/import.hpp>
#include <vmail/printable.hpp>

#include <cli/counted.hpp>
#include <cli/exit_status.hpp>
#include <cli/plan_run.hpp>
#include <cli/progress_line.hpp>
#include <cli/terminal.hpp>

#include "command.hpp"
#include "new_passwords.hpp"
#include "password_flags.hpp"
#include "record_flags.hpp"
#include "record_run.hpp"
#include "words.hpp"

namespace vmail::tools {

namespace {

struct import_flags {
    std::string file{};
    std::string journal_folder{};
    bool update = false, ignore_limits = false, continue_on_error = false;
    std::optional<std::string> max_changes{}, format{};
    record_flags records{};
    new_password_flags passwords{};
};

/// A line for each record: on standard output what was done, on standard error what was not.
class import_report {
public:
    import_report(invocation& run, std::string file, progress_line& line)
        : run_(run), line_(line), file_(printable(file)), output_(make_output(run.format(), table_shape::lines, run.out())) {
        if (!run.flags().dry_run) run.out().require_reader();
    }

    void add(const change_outcome& o) {
        if (!is_good(o.fate)) {
            line_.clear();
            run_.err().warning(fmt::format("{}:{}: {} {}: {}", file_, o.change.line, printable(o.change.subject), name(o.fate), o.sentence));
        }
        if (run_.writes_json()) output_->write(full_record(o));
        else if (!run_.flags().dry_run && !(is_good(o.fate) && run_.flags().quiet)) write_line(o);
    }

    /// The first few: of a tree with the logins of two others there may be one for each mailbox.
    void note(const plan_notice& n) {
        if (++notices_ > most_notices) return;
        line_.clear();
        run_.err().note(n.sentence);
    }

    int finish(const import_summary& sum) {
        line_.clear();
        if (notices_ > most_notices) run_.err().note(fmt::format("and {} more like these", notices_ - most_notices));
        output_->finish(sum.anything_changed());
        run_.err().note(fmt::format("{}{}: {}", counted(sum.records, "records"), run_.flags().dry_run ? " (dry run)" : "", sum_up(sum)));
        note_without_password(run_, sum.without_password);
        if (!sum.journal.empty()) run_.err().detail(fmt::format("the journal is {}", printable(sum.journal.native())));
        if (sum.stopped)
            run_.err().failure(error(sum.stopped->kind(), fmt::format("the import stopped before its end: {}", sum.stopped->what()),
                                     {.hint = "run it again: what is done already is left as it is"}),
                                 exit_status_of(sum, sum.records));
        const int status = exit_status_of(sum, sum.records);
        return status == 0 && sum.anything_changed() && run_.flags().dry_run && run_.flags().detailed_exit_status ? 2 : status;
    }

private:
    void write_line(const change_outcome& o) {
        record r{{"dn", o.change.subject}, {"outcome", word_of(o)}};
        if (run_.format() == output_format::csv) r.push_back({"message", o.sentence});
        if (run_.format() == output_format::name) return write_name(o);
        output_->write(r);
        if (run_.format() != output_format::ldif || o.fate != fate::done || run_.out().bad()) return; // why has been told
        run_.out() << ldif_of(o);
        run_.out().flush(); // one that is interrupted must have told of all that it has done
    }

    void write_name(const change_outcome& o) {
        if (const auto name = name_in(o.change.subject); name && is_good(o.fate)) output_->write({{"name", *name}});
    }

    static std::string word_of(const change_outcome& o) { return o.fate == fate::done ? o.change.action : std::string(name(o.fate)); }

    record full_record(const change_outcome& o) const {
        record r{{"dn", o.change.subject},
                 {"line", static_cast<std::int64_t>(o.change.line)},
                 {"outcome", word_of(o)},
                 {"changed", has_written(o.fate)}};
        if (run_.flags().dry_run) r.push_back({"ldif", run_.take_pending_ldif()});
        if (!o.sentence.empty()) r.push_back({"message", o.sentence});
        if (!is_good(o.fate)) r.push_back({"exit_status", std::int64_t{exit_status_of(fault_of(o).kind())}});
        return r;
    }

    static constexpr std::size_t most_notices = 20;

    invocation& run_;
    std::size_t notices_ = 0;
    progress_line& line_;
    std::string file_;
    std::unique_ptr<output> output_;
};

/// Nothing: LDIF.
std::optional<record_format> format_of(const import_flags& flags) {
    if (!flags.format) {
        const auto known = record_format_of(flags.file);
        if (known == record_format::yaml || known == record_format::json) throw error(error_kind::usage, "import reads LDIF, CSV and JSONL", {.hint = "\"mailctl apply\" reads YAML and JSON"});
        return known;
    }
    if (*flags.format == "ldif") return std::nullopt;
    if (*flags.format == "csv") return record_format::csv;
    if (*flags.format == "jsonl") return record_format::jsonl;
    throw error(error_kind::usage, fmt::format("--format must be ldif, csv or jsonl, not {}", vmail::quoted(*flags.format)));
}

int import_records(invocation& run, const import_flags& flags, record_format format) {
    if (flags.ignore_limits) throw error(error_kind::usage, "--ignore-limits goes with LDIF");
    const auto file = read_checked(run, flags.file, read_options(flags.records, format));
    return carry_out_records(run, file.records,
                             {.job = "import", .file = flags.file, .update = flags.update, .continue_on_error = flags.continue_on_error, .max_changes = flags.max_changes, .journal_folder = flags.journal_folder}, flags.passwords);
}

bool has_record_flags(const import_flags& flags) { return is_given(flags.records) || flags.records.kind || is_given(flags.passwords) || flags.continue_on_error; }

int run_import(invocation& run, const import_flags& flags) {
    if (const auto format = format_of(flags)) return import_records(run, flags, *format);
    if (has_record_flags(flags)) throw error(error_kind::usage, "what is to be read as LDIF takes none of the flags for records", {.hint = "name the file .csv or .jsonl, or give --format"});
    import_options options{.update = flags.update, .ignore_limits = flags.ignore_limits, .run = make_run_options(run, "import", flags.max_changes)};
    if (!flags.journal_folder.empty() && !run.flags().dry_run) options.run.journal_folder = flags.journal_folder;
    remember_interrupts();

    // Beside the lines of the records it would only flicker.
    progress_line line;
    if (line.is_shown() && ::isatty(STDOUT_FILENO) == 0 && !run.flags().quiet)
        options.run.progress = [&line](std::size_t done, std::size_t all) { line.tell("import", done, all); };
    import_report report(run, flags.file, line);
    if (!run.flags().yes) // else nobody is asked, and how many they are need not be known before
        options.confirm_removals = [&run](std::size_t n) { return run.confirm(fmt::format("remove {} for good?", counted(n, "entries"))); };
    options.notice = [&report](const plan_notice& n) { report.note(n); };
    const auto sum = import_ldif(run.directory(), flags.file, options, [&](const change_outcome& o) { report.add(o); });
    return sum.declined ? some_failed : report.finish(sum);
}

} // namespace

void add_import_command(command_tree& tree) {
    tree.add_verb<import_flags>(
        tree.root(), "import", "Carry out an LDIF file, or make what a CSV or JSONL file lists", "mailctl import people.csv --map surname=Cognome --dry-run",
        [](CLI::App& verb, import_flags& flags) {
            verb.add_option("file", flags.file, "LDIF, or CSV or JSONL by the end of its name; - for standard input")->type_name("")->required();
            verb.add_flag("--update", flags.update, "make entries equal that are there already and differ");
            verb.add_flag("--ignore-limits", flags.ignore_limits, "add also where the domain has no room, as for what is put back from a backup");
            verb.add_option("--max-changes", flags.max_changes, "the most entries that may be changed or removed; additions do not count; \"none\": no limit")
                ->type_name("N");
            verb.add_option("--format", flags.format, "ldif, csv or jsonl, where the name does not tell")->type_name("ldif|csv|jsonl");
            verb.add_option("--kind", flags.records.kind, "what records are that do not say it: mailbox, alias, ...")->type_name("KIND");
            add_continue_flag(verb, flags.continue_on_error);
            add_csv_flags(verb, flags.records);
            add_new_password_flags(verb, flags.passwords);
            verb.add_option("--journal", flags.journal_folder, "folder for the record of what was done (journal-dir in mailctl.conf)")
                ->type_name("DIR");
        },
        run_import);
}

} // namespace vmail::tools
