#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/jobs/site_report.hpp>
#include <vmail/printable.hpp>

#include <cli/output_file.hpp>

#include "command.hpp"
#include "entity_fields.hpp"

namespace vmail::tools {

namespace {

struct report_flags {
    std::optional<std::string> domain{}, prometheus{};
    std::string by = "domain";
    std::size_t days = 30;
};

std::int64_t number(std::uint64_t n) { return static_cast<std::int64_t>(n); }

std::size_t in_state(const domain_report& d, std::string_view state) {
    const auto it = d.states.find(state);
    return it == d.states.end() ? 0 : it->second;
}

/// Stopped for another reason than its time, by itself or with its domain.
std::size_t stopped(const domain_report& d) {
    std::size_t sum = 0;
    for (const auto& [state, count] : d.states)
        if (state != service_word::active && state != service_word::overdue && state != service_word::expired && state != service_word::removed) sum += count;
    return sum;
}

record record_of(const domain_report& d) {
    return {{"domain", d.name},
            {"status", d.status.empty() ? value{} : value{std::string(d.status)}},
            {"mailboxes", number(d.mailboxes)},
            {"active", number(in_state(d, service_word::active) + in_state(d, service_word::overdue))},
            {"stopped", number(stopped(d))},
            {"expired", number(in_state(d, service_word::expired))},
            {"removed", number(in_state(d, service_word::removed))},
            {"ending_soon", number(d.ending_soon)},
            {"aliases", number(d.aliases)},
            {"lists", number(d.lists)},
            {"forwards", number(d.forwards)},
            {"forwards_outside", number(d.forwards_outside)},
            {"quota_bytes", number(d.quota_bytes)},
            {"without_quota", number(d.without_quota)}};
}

record record_of(const std::string& month, const month_report& m) {
    return {{"month", month}, {"created", number(m.created)}, {"ends", number(m.ends)}, {"expired", number(m.expired)}, {"removed", number(m.removed)}};
}

void write_table(invocation& run, const report_flags& flags, const site_report& all) {
    const auto out = make_output(run.format(), table_shape::rows, run.out());
    const auto write = [&](const record& r) { out->write(chosen_fields(r, run.flags().fields, run.format())); };
    if (flags.by == "month")
        for (const auto& [month, m] : all.months) write(record_of(month, m));
    else
        for (const auto& d : all.domains) write(record_of(d));
    out->finish();
}

/// The exposition format of Prometheus, version 0.0.4: names of domains need no escape in a label.
void write_metric(std::ostream& out, const site_report& all, std::string_view name, std::string_view help, std::uint64_t (*get)(const domain_report&)) {
    out << fmt::format("# HELP mailctl_{0} {1}\n# TYPE mailctl_{0} gauge\n", name, help);
    for (const auto& d : all.domains) out << fmt::format("mailctl_{}{{domain=\"{}\"}} {}\n", name, d.name, get(d));
}

void write_metrics(std::ostream& out, const site_report& all, timestamp now) {
    out << "# HELP mailctl_mailboxes Mailboxes by how they stand.\n# TYPE mailctl_mailboxes gauge\n";
    for (const auto& d : all.domains)
        for (const auto& [state, count] : d.states) out << fmt::format("mailctl_mailboxes{{domain=\"{}\",status=\"{}\"}} {}\n", d.name, state, count);
    write_metric(out, all, "mailboxes_ending_soon", "Mailboxes in service whose end is near.", [](const domain_report& d) { return std::uint64_t{d.ending_soon}; });
    write_metric(out, all, "aliases", "Aliases.", [](const domain_report& d) { return std::uint64_t{d.aliases}; });
    write_metric(out, all, "mailing_lists", "Mailing lists.", [](const domain_report& d) { return std::uint64_t{d.lists}; });
    write_metric(out, all, "forwards_outside", "Mailboxes that forward to a domain that is not here.", [](const domain_report& d) { return std::uint64_t{d.forwards_outside}; });
    write_metric(out, all, "quota_bytes", "Quotas of mailboxes together.", [](const domain_report& d) { return d.quota_bytes; });
    out << fmt::format("# HELP mailctl_report_timestamp_seconds When this was counted.\n# TYPE mailctl_report_timestamp_seconds gauge\nmailctl_report_timestamp_seconds {}\n", now.epoch());
}

/// For a collector that is another user: nothing in it is a secret.
void write_textfile(const std::string& path, const site_report& all, timestamp now) {
    output_file file(path);
    write_metrics(file.stream(), all, now);
    file.commit();
    std::error_code ignored; // what is no file of ours stays as it is
    if (path != "-" && std::filesystem::is_regular_file(path, ignored)) std::filesystem::permissions(path, std::filesystem::perms(0644), ignored);
}

int report(invocation& run, const report_flags& flags) {
    if (flags.by != "domain" && flags.by != "month") throw error(error_kind::usage, fmt::format("a report is by domain or by month, not by {}", vmail::quoted(flags.by)));
    if (flags.prometheus && flags.by == "month") throw error(error_kind::usage, "--prometheus has the numbers of now, by domain");
    report_options options{.soon = std::chrono::days(flags.days)};
    if (flags.domain) options.domain = domain_name::parse(*flags.domain);
    const auto all = report_on(run.directory(), options);
    for (const auto& e : all.unreadable) run.err().warning(e.sentence);
    if (flags.prometheus) write_textfile(*flags.prometheus, all, options.now);
    else write_table(run, flags, all);
    return all.unreadable.empty() ? 0 : 1;
}

} // namespace

void add_report_command(command_tree& tree) {
    tree.add_verb<report_flags>(
        tree.root(), "report", "Count what there is, by domain or by month", "mailctl report --by month -o csv",
        [](CLI::App& verb, report_flags& flags) {
            verb.add_option("--domain", flags.domain, "this domain alone")->type_name("DOMAIN");
            verb.add_option("--by", flags.by, "domain, or month: what was made, ends, expired and was removed in each")->type_name("WHAT");
            verb.add_option("--soon", flags.days, "how many days ahead an end counts as near")->type_name("N")->check(CLI::Range(0, 36500).description(""));
            verb.add_option("--prometheus", flags.prometheus, "into this file, whole or not at all, as its node exporter reads it")->type_name("FILE");
        },
        report);
}

} // namespace vmail::tools
