#include <charconv>
#include <filesystem>
#include <sstream>

#include <vmail/error.hpp>
#include <vmail/jobs/report_page.hpp>
#include <vmail/jobs/site_report.hpp>
#include <vmail/printable.hpp>

#include <cli/counted.hpp>
#include <cli/number_in.hpp>
#include <cli/output_file.hpp>
#include <cli/prometheus_file.hpp>

#include "activity_process.hpp"
#include "command.hpp"
#include "entity_fields.hpp"

#include "usage_flags.hpp"

namespace vmail::tools {

namespace {

struct report_flags {
    std::optional<std::string> what{}, domain{}, prometheus{}, html{}, since{}, top{};
    std::string by = "domain";
    std::size_t days = 30;
    bool used = false, unused = false;
    usage_flags usage{};
};

std::int64_t number(std::uint64_t n) { return static_cast<std::int64_t>(std::min<std::uint64_t>(n, std::numeric_limits<std::int64_t>::max())); }

record record_of(const domain_report& d, bool has_mail) {
    record r = {{"domain", d.name},
                {"status", d.status.empty() ? value{} : value{std::string(d.status)}},
                {"mailboxes", number(d.mailboxes)},
                {"active", number(d.active())},
                {"stopped", number(d.stopped())},
                {"expired", number(d.in_state(service_word::expired))},
                {"removed", number(d.in_state(service_word::removed))},
                {"ending_soon", number(d.ending_soon)},
                {"aliases", number(d.aliases)},
                {"lists", number(d.lists)},
                {"forwards", number(d.forwards)},
                {"forwards_outside", number(d.forwards_outside)},
                {"quota_bytes", number(d.quota_bytes)},
                {"without_quota", number(d.without_quota)}};
    if (!has_mail) return r;
    r.push_back({"used_bytes", number(d.mail.used_bytes)});
    r.push_back({"not_measured", number(d.mail.not_measured)});
    r.push_back({"never_used", number(d.mail.never_used)});
    r.push_back({"idle", number(d.mail.idle)});
    r.push_back({"use_unknown", number(d.mail.use_unknown)});
    return r;
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
        for (const auto& d : all.domains) write(record_of(d, all.has_mail));
    out->finish();
}

// ---- for Prometheus

using number_of = std::uint64_t (*)(const domain_report&);

void write_metric(prometheus_file& file, const site_report& all, std::string_view name, std::string_view help, number_of get) {
    file.begin(name, help);
    for (const auto& d : all.domains) file.add(prometheus_file::label("domain", d.name), get(d));
}

void write_mail_metrics(prometheus_file& file, const site_report& all) {
    write_metric(file, all, "used_bytes", "Mail of mailboxes together.", [](const domain_report& d) { return d.mail.used_bytes; });
    write_metric(file, all, "mailboxes_not_measured", "Mailboxes whose mail is not in mailctl_used_bytes.", [](const domain_report& d) { return std::uint64_t{d.mail.not_measured}; });
    write_metric(file, all, "mailboxes_never_used", "Mailboxes that nobody ever opened.", [](const domain_report& d) { return std::uint64_t{d.mail.never_used}; });
    write_metric(file, all, "mailboxes_idle", "Mailboxes that nobody has opened for long.", [](const domain_report& d) { return std::uint64_t{d.mail.idle}; });
}

void write_metrics(const std::string& path, const site_report& all, timestamp now) {
    prometheus_file file(path);
    file.begin("mailboxes", "Mailboxes by how they stand.");
    for (const auto& d : all.domains)
        for (const auto state : service_word::of_mailboxes) // also those that no mailbox has: what is not there any more has no 0 to be seen
            file.add(prometheus_file::label("domain", d.name) + ',' + prometheus_file::label("status", state), d.in_state(state));
    write_metric(file, all, "mailboxes_ending_soon", "Mailboxes in service whose end is near.", [](const domain_report& d) { return std::uint64_t{d.ending_soon}; });
    write_metric(file, all, "aliases", "Aliases.", [](const domain_report& d) { return std::uint64_t{d.aliases}; });
    write_metric(file, all, "mailing_lists", "Mailing lists.", [](const domain_report& d) { return std::uint64_t{d.lists}; });
    write_metric(file, all, "forwards_outside", "Mailboxes that forward to a domain that is not here.", [](const domain_report& d) { return std::uint64_t{d.forwards_outside}; });
    write_metric(file, all, "quota_bytes", "Quotas of mailboxes together.", [](const domain_report& d) { return d.quota_bytes; });
    if (all.has_mail) write_mail_metrics(file, all);
    file.add_one("report_timestamp_seconds", "When this was counted.", now.epoch());
    file.commit();
}

// ---- for people

/// The numbers of a line of CSV behind its first field.
std::vector<std::uint64_t> numbers_in(std::string_view line) {
    std::vector<std::uint64_t> all;
    for (auto comma = line.find(','); comma != std::string_view::npos; comma = line.find(',', comma + 1)) {
        std::uint64_t n = 0;
        std::from_chars(line.data() + comma + 1, line.data() + line.size(), n);
        all.push_back(n);
    }
    return all;
}

/// Of the last four weeks, where somebody counts it.
std::vector<traffic_day> traffic_days(invocation& run, const report_options& options) {
    std::error_code none;
    if (!std::filesystem::exists(activity_store(run.configuration()), none)) return {};
    std::vector<std::string> words = {"activity", "traffic", "--since=4w", "--output=csv", "--fields=day,received,recipients,deferred,bounced,logins_imap,logins_pop3"};
    if (options.domain) words.push_back("--domain=" + options.domain->text());
    std::istringstream in(ask_activity(run.flags(), words));
    std::vector<traffic_day> days;
    std::string line;
    std::getline(in, line); // the header
    while (std::getline(in, line)) {
        const auto n = numbers_in(line);
        if (n.size() == 6) days.push_back({line.substr(0, line.find(',')), n[0], n[1], n[2], n[3], n[4] + n[5]});
    }
    return days;
}

void write_page(invocation& run, const std::string& path, const site_report& all, const report_options& options) {
    page_options page{.now = options.now, .zone = run.configuration().zone, .soon = options.soon, .idle = options.idle};
    page.traffic = traffic_days(run, options);
    if (options.domain) page.title += " of " + options.domain->text();
    output_file file(path);
    file.stream() << report_page(all, page);
    file.open_to(0644); // for people, and nothing in it is a secret
    file.commit();
}

report_options options_of(const report_flags& flags) {
    report_options options{.soon = std::chrono::days(flags.days), .idle = std::chrono::days(flags.usage.idle)};
    if (flags.domain) options.domain = domain_name::parse(*flags.domain);
    return options;
}

int count(invocation& run, const report_flags& flags) {
    report_options options = options_of(flags);
    std::optional<usage_look> mail;
    if (flags.used) {
        mail.emplace(run, flags.usage, usage_question{.size = true, .use = true});
        options.mail = &mail->meter();
        options.on_mail = [&](const address& who, const mail_usage& u) { mail->hear(who, u); };
    }
    const auto all = report_on(run.directory(), options);
    for (const auto& e : all.unreadable) run.err().warning(e.sentence);
    if (flags.prometheus) write_metrics(*flags.prometheus, all, options.now);
    else if (flags.html) write_page(run, *flags.html, all, options);
    else write_table(run, flags, all);
    const int status = mail ? mail->finish() : 0;
    return all.unreadable.empty() ? status : 1;
}

// ---- those that nobody uses

value moment(const std::optional<timestamp>& t) { return t ? value{t->rfc3339()} : value{}; }

class unused_list {
public:
    unused_list(invocation& run, const report_flags& flags)
        : run_(run), options_(options_of(flags)), look_(run, flags.usage, {.use = true}), out_(make_output(run.format(), table_shape::rows, run.out())) {
        names_ = choose_fields(all, all, run.flags().fields, run.format(), table_shape::rows);
        out_->announce(names_);
    }

    int written() {
        auto& d = run_.directory();
        d.read_also(schema::attr::create_timestamp);
        const viewpoint view(d);
        const int status = look_.each(options_.domain, [&](stored<mailbox>&& m) { ask(m, view); });
        out_->finish();
        return status;
    }

private:
    static inline const std::vector<std::string_view> all = {"address", "status", "created", "last_use", "told_by"};

    void ask(const stored<mailbox>& m, const viewpoint& view) {
        look_.meter().add(m.value, [&](const mail_usage& u) {
            look_.hear(m->address, u);
            const auto made = made_at(m);
            const auto verdict = judge_use(u, made, options_.now, options_.idle);
            if (verdict == use_verdict::never || verdict == use_verdict::idle) write({{"address", m->address.text()}, {"status", std::string(view.service(m.value).why)}, {"created", moment(made)},
                                                                                      {"last_use", moment(u.last_use)}, {"told_by", std::string(u.use_told_by)}});
        });
    }

    void write(const record& r) { out_->write(chosen_fields(r, run_.flags().fields, run_.format())); }

    invocation& run_;
    report_options options_;
    usage_look look_;
    std::unique_ptr<output> out_;
    std::vector<std::string_view> names_{};
};

// ---- what goes together

void require_sense(const report_flags& flags, const global_flags& common) {
    const auto refuse = [](const std::string& sentence) { throw error(error_kind::usage, sentence); };
    if (flags.since || flags.top) refuse("--since and --top go with report traffic");
    if (flags.by != "domain" && flags.by != "month") refuse(fmt::format("a report is by domain or by month, not by {}", vmail::quoted(flags.by)));
    if (flags.prometheus && flags.by == "month") refuse("--prometheus has the numbers of now, by domain");
    if (flags.html && flags.by == "month") refuse("--html has both, domains and months");
    if ((flags.html || flags.prometheus) && (!common.fields.empty() || common.output != "table")) refuse("--html and --prometheus have a format of their own");
    if (flags.used && flags.by == "month") refuse("--used tells of domains, as mail of now is of no month");
    if (!flags.used && !flags.unused && (flags.usage.logins || flags.usage.activity || flags.usage.idle != usage_flags{}.idle)) refuse("--logins, --activity and --idle go with --used or --unused");
}

/// "report ... traffic ..." is "activity traffic ...", with the flags as they are.
std::vector<std::string> line_of_traffic(std::vector<std::string> line) {
    const auto word = std::find(line.begin(), line.end(), "traffic");
    if (word != line.end()) line.erase(word);
    const auto verb = std::find(line.begin(), line.end(), "report");
    if (verb != line.end()) line.insert(line.erase(verb), {"activity", "traffic"});
    return line;
}

int report(invocation& run, const report_flags& flags, const std::vector<std::string>& line) {
    if (flags.what && *flags.what != "traffic") throw error(error_kind::usage, fmt::format("a report is of what there is, or of traffic, not of {}", vmail::quoted(*flags.what)));
    if (flags.what) become_activity(line_of_traffic(line));
    require_sense(flags, run.flags());
    return flags.unused ? unused_list(run, flags).written() : count(run, flags);
}

} // namespace

void add_report_command(command_tree& tree) {
    tree.add_verb<report_flags>(
        tree.root(), "report", "Count what there is, by domain or by month", "mailctl report --by month -o csv",
        [](CLI::App& verb, report_flags& flags) {
            verb.add_option("WHAT", flags.what, "traffic: messages and logins, as \"activity traffic\" counts them")->type_name("traffic");
            verb.add_option("--domain", flags.domain, "this domain alone")->type_name("DOMAIN");
            auto* const by = verb.add_option("--by", flags.by, "domain, or month: what was made, ends, expired and was removed in each; traffic by day, hour, domain or account")->type_name("domain|month|day|hour|account");
            verb.add_option("--soon", flags.days, "how many days ahead an end counts as near")->type_name("N")->transform(number_in(0, 36500));
            auto* const prometheus = verb.add_option("--prometheus", flags.prometheus, "into this file, whole or not at all, as its node exporter reads it")->type_name("FILE");
            auto* const html = verb.add_option("--html", flags.html, "all of it with plots, as one page for people")->type_name("FILE")->excludes(prometheus);
            auto* const used = verb.add_flag("--used", flags.used, "look at the mail, too: how much it is, and which mailboxes nobody uses");
            verb.add_flag("--unused", flags.unused, "list the mailboxes that nobody uses")->excludes(used)->excludes(prometheus)->excludes(html)->excludes(by);
            add_size_flags(verb, flags.usage, used);
            add_use_flags(verb, flags.usage);
            verb.add_option("--since", flags.since, "traffic of the last hours, days or weeks")->type_name("SPAN");
            verb.add_option("--top", flags.top, "so many accounts of traffic")->type_name("N");
        },
        [&tree](invocation& run, const report_flags& flags) { return report(run, flags, tree.line()); });
}

} // namespace vmail::tools
