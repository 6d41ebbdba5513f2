#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/jobs/record_plan.hpp>
#include <vmail/ldap/dn.hpp>
#include <vmail/printable.hpp>

#include <cli/counted.hpp>

#include "command.hpp"
#include "record_flags.hpp"
#include "record_run.hpp"
#include "yaml_reader.hpp"

namespace vmail::tools {

namespace {

struct apply_flags {
    std::string file{};
    std::optional<std::string> format{}, domain{};
    std::vector<std::string> prune{};
    bool continue_on_error = false;
    std::optional<std::string> max_changes{};
};

record_format format_of(const apply_flags& flags) {
    if (!flags.format) {
        if (const auto known = record_format_of(flags.file); known && *known != record_format::csv) return *known;
        throw error(error_kind::usage, fmt::format("nothing says what {} is written in", vmail::quoted(flags.file)), {.hint = "give --format yaml, json or jsonl"});
    }
    if (*flags.format == "yaml") return record_format::yaml;
    if (*flags.format == "json") return record_format::json;
    if (*flags.format == "jsonl") return record_format::jsonl;
    throw error(error_kind::usage, fmt::format("--format must be yaml, json or jsonl, not {}", vmail::quoted(*flags.format)));
}

void require_base(invocation& run, const std::string& file, const std::optional<std::string>& base) {
    if (!base) return;
    const ldap::dn& ours = run.directory().site().layout.base();
    if (ldap::dn::parse(*base).key() != ours.key()) exchange::refuse(file, {}, fmt::format("it tells of {}, and this directory is {}", printable(*base), printable(ours.text())));
}

record_file read(invocation& run, const apply_flags& flags) {
    const record_format format = format_of(flags);
    auto file = format == record_format::yaml ? read_document(flags.file, read_yaml) : read_records(flags.file, {.format = format});
    require_base(run, flags.file == "-" ? "standard input" : flags.file, file.base);
    require_no_faults(run, flags.file, file);
    if (!flags.prune.empty() && !file.complete)
        exchange::refuse(flags.file == "-" ? "standard input" : flags.file, {}, "it says that it is not complete, and --prune would take away what it leaves out", "put right what \"mailctl export\" cannot read, and export again");
    return file;
}

/// Only what lies in a domain: whole domains, and who administers them, are no leavings.
record_pruning pruning_of(const apply_flags& flags) {
    if (flags.prune.empty() != !flags.domain) throw error(error_kind::usage, "--prune and --domain go together: what is to go, and where");
    record_pruning p;
    for (const std::string& text : flags.prune) {
        const auto what = exchange::get_noun(text).what;
        using exchange::noun;
        if (what == noun::domain || what == noun::backup_domain || what == noun::admin) throw error(error_kind::usage, fmt::format("--prune takes mailbox, alias, mailinglist and backup-mail, not {}", text));
        p.kinds.push_back(what);
    }
    if (flags.domain) p.domain = domain_name::parse(*flags.domain);
    return p;
}

void add_apply_flags(CLI::App& verb, apply_flags& flags) {
    verb.add_option("file", flags.file, "YAML, JSON or JSONL; - for standard input")->type_name("")->required();
    verb.add_option("--format", flags.format, "yaml, json or jsonl, where the name does not tell")->type_name("yaml|json|jsonl");
    verb.add_option("--prune", flags.prune, "take away what of this kind is in --domain and not in the file: mailbox, alias, mailinglist, backup-mail; repeat it for several")->type_name("mailbox|alias|mailinglist|backup-mail")->delimiter(',')->allow_extra_args(false);
    verb.add_option("--domain", flags.domain, "where --prune looks")->type_name("DOMAIN");
    add_continue_flag(verb, flags.continue_on_error);
}

record_run run_of(const std::string& job, const apply_flags& flags) {
    return {.job = job, .file = flags.file, .update = true, .continue_on_error = flags.continue_on_error, .max_changes = flags.max_changes, .prune = pruning_of(flags)};
}

int apply(invocation& run, const apply_flags& flags) {
    const record_run how = run_of("apply", flags);
    return carry_out_records(run, read(run, flags).records, how);
}

// diff

std::string_view sign_of(record_change::kind k) { return k == record_change::kind::creation ? "+" : k == record_change::kind::removal ? "-" : "~"; }
std::string_view word_of(record_change::kind k) { return k == record_change::kind::creation ? "create" : k == record_change::kind::removal ? "remove" : "change"; }

/// A hash is nobody's to see.
std::string shown(const field_change& f, const exchange::value& v) {
    if (f.field == "password_hash") return std::holds_alternative<exchange::null>(v) ? "none" : "a hash";
    const std::string text = exchange::to_text(v);
    return text.empty() ? "none" : text;
}

void show_line(invocation& run, const record_change& c, const field_change* f) {
    run.out() << sign_of(c.how) << ' ' << exchange::info_of(c.what).name << ' ' << printable(c.name);
    if (f != nullptr && c.how == record_change::kind::creation) run.out() << ' ' << f->field << ' ' << printable(shown(*f, f->after));
    else if (f != nullptr) run.out() << ' ' << f->field << ' ' << printable(shown(*f, f->before)) << " -> " << printable(f->field == "password_hash" ? std::string("another") : shown(*f, f->after));
    run.out() << '\n';
}

void show(invocation& run, const record_change& c) {
    if (c.how != record_change::kind::change || c.fields.empty()) show_line(run, c, nullptr);
    for (const field_change& f : c.fields) show_line(run, c, &f);
}

record record_of(const record_change& c, const field_change* f) {
    record r{{"kind", std::string(exchange::info_of(c.what).name)}, {"name", c.name}, {"change", std::string(word_of(c.how))}, {"field", {}}, {"before", {}}, {"after", {}}};
    if (f == nullptr) return r;
    r[3].value = std::string(f->field);
    r[4].value = shown(*f, f->before);
    r[5].value = f->field == "password_hash" && c.how == record_change::kind::change ? "another" : shown(*f, f->after);
    return r;
}

void write(output& out, const record_change& c) {
    if (c.fields.empty()) return out.write(record_of(c, nullptr));
    for (const field_change& f : c.fields) out.write(record_of(c, &f));
}

int diff(invocation& run, const apply_flags& flags) {
    if (run.format() == output_format::ldif || run.format() == output_format::name) throw error(error_kind::usage, "diff writes table, json, jsonl and csv", {.hint = "\"mailctl apply -n\" shows what would be sent, as LDIF"});
    const record_run how = run_of("apply", flags);
    const auto changes = changes_of(run, read(run, flags).records, how);
    if (run.format() == output_format::table) {
        for (const record_change& c : changes) show(run, c);
    } else {
        const auto out = make_output(run.format(), table_shape::rows, run.out());
        out->announce({"kind", "name", "change", "field", "before", "after"});
        for (const record_change& c : changes) write(*out, c);
        out->finish();
    }
    constexpr int changes_pending = 2;
    return !changes.empty() && run.flags().detailed_exit_status ? changes_pending : 0;
}

} // namespace

void add_apply_commands(command_tree& tree) {
    tree.add_verb<apply_flags>(
        tree.root(), "apply", "Make the directory say what a file says", "mailctl apply example.org.yaml --dry-run",
        [](CLI::App& verb, apply_flags& flags) {
            add_apply_flags(verb, flags);
            verb.add_option("--max-changes", flags.max_changes, "the most that may change or go; additions do not count; \"none\": no limit")->type_name("N");
        },
        apply);
    tree.looks_only(tree.add_verb<apply_flags>(tree.root(), "diff", "Show what apply would change", "mailctl diff example.org.yaml --detailed-exitcode", add_apply_flags, diff));
}

} // namespace vmail::tools
