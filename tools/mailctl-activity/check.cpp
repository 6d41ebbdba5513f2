#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include <vmail/activity/finding.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>
#include <vmail/timestamp.hpp>

#include <cli/nagios_line.hpp>
#include <cli/plain_options.hpp>
#include <cli/terminal.hpp>

#include <mailctl/entity_fields.hpp>

#include "disable.hpp"
#include "handlers.hpp"
#include "kept.hpp"

namespace vmail::tools {

using namespace activity;

namespace {

constexpr int found_something = 1;
constexpr const char* show_all = "\"mailctl activity check --list\" shows all";
constexpr std::size_t most_lines = 5; // of evidence, for people who did not ask for more

std::int64_t number(std::uint64_t n) { return static_cast<std::int64_t>(n); }
std::string moment(std::int64_t when) { return timestamp::from_epoch(when).rfc3339(); }

// ---- the rules

record record_of(const rule_info& r) {
    return {{"code", std::string(r.code)}, {"severity", std::string(check::name(r.severity))}, {"disables", r.stops}, {"explanation", std::string(r.explanation)}};
}

int list_rules(invocation& run) {
    const auto out = make_output(run.format(), table_shape::rows, run.out());
    for (const rule_info& r : rules()) out->write(chosen_fields(record_of(r), run.flags().fields, run.format()));
    out->finish();
    return 0;
}

int explain(invocation& run, const std::string& code) {
    const auto rule = find_rule(code);
    if (!rule) refuse(fmt::format("there is no rule {}", vmail::quoted(code)), show_all);
    const auto out = make_output(run.format(), table_shape::card, run.out());
    out->write(chosen_fields(record_of(*rule), run.flags().fields, run.format()));
    out->finish();
    return 0;
}

void require_codes(const std::vector<std::string>& codes) {
    for (const std::string& c : codes)
        if (!find_rule(c)) refuse(fmt::format("there is no rule {}", vmail::quoted(c)), show_all);
}

// ---- what is found

std::string_view kind_of(const sighting& s) { return sight_names[static_cast<std::size_t>(s.kind)]; }

std::string line_of(const sighting& s) {
    std::string line = fmt::format("{} x {}", kind_of(s), s.number);
    if (!s.network.empty()) line += " from " + s.network;
    line += s.first == s.last ? fmt::format(" at {}", moment(s.first)) : fmt::format(" from {} to {}", moment(s.first), moment(s.last));
    line += fmt::format(" on {}", printable(s.of.host));
    return s.reference.empty() ? line : line + fmt::format(": {}", printable(s.reference));
}

std::vector<field> fields_of(const sighting& s) {
    return {{"kind", std::string(kind_of(s))}, {"network", s.network.empty() ? value{} : value{s.network}}, {"first", moment(s.first)}, {"last", moment(s.last)}, {"number", number(s.number)},
            {"host", s.of.host}, {"reference", s.reference.empty() ? value{} : value{s.reference}}};
}

value evidence_of(const finding& f) {
    records all;
    for (const sighting& s : f.evidence) all.items.push_back(fields_of(s));
    return all;
}

value figures_of(const finding& f) {
    std::vector<field> all;
    for (const figure& one : f.figures) all.push_back({one.name, number(one.value)});
    return records{{all}};
}

/// Writes what is found, as it is found; for people with the lines that it rests on.
class finding_list {
public:
    explicit finding_list(invocation& run)
        : run_(run), is_for_people_(run.format() == output_format::table && run.flags().fields.empty()), out_(make_output(run.format(), is_for_people_ ? table_shape::lines : table_shape::rows, run.out())) {
        names_ = choose_fields({"account", "severity", "code", "message", "figures", "evidence"}, {"account", "severity", "code", "message"}, run.flags().fields, run.format(), table_shape::rows);
        out_->announce(names_);
    }

    void write(const finding& f) {
        const record all = {{"account", f.account}, {"severity", std::string(check::name(f.rule.severity))}, {"code", std::string(f.rule.code)}, {"message", f.sentence}, {"figures", figures_of(f)}, {"evidence", evidence_of(f)}};
        record r;
        for (const auto name : names_)
            for (const field& one : all)
                if (one.name == name) r.push_back(one);
        out_->write(r);
        if (is_for_people_) write_evidence(f);
    }

    void finish() { out_->finish(); }

private:
    void write_evidence(const finding& f) {
        const std::size_t shown = run_.flags().verbose ? f.evidence.size() : std::min(f.evidence.size(), most_lines);
        for (std::size_t i = 0; i < shown; ++i) run_.out() << "    " << line_of(f.evidence[i]) << '\n';
        if (shown < f.evidence.size()) run_.out() << fmt::format("    and {} more, which -v shows\n", f.evidence.size() - shown);
    }

    invocation& run_;
    bool is_for_people_;
    std::unique_ptr<output> out_;
    std::vector<std::string_view> names_{};
};

// ---- the look

struct seen_findings {
    std::vector<finding> all{};
    std::vector<std::string> skipped{};

    std::size_t count(severity s) const {
        return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [s](const finding& f) { return f.rule.severity == s; }));
    }
};

seen_findings look_at(invocation& run, const activity_check_flags& flags, reachable_roster& accounts) {
    const store kept = open_store(run);
    const auto now = timestamp::now().epoch();
    const auto limits = thresholds_of(run);
    seen_findings seen;
    look({kept, span_since(flags.since, now), now, limits, accounts.get()}, {flags.only, flags.skip},
         {[&](const finding& f) { seen.all.push_back(f); }, [&](const rule_info& r, const std::string& why) { seen.skipped.push_back(fmt::format("{}: {}", r.code, why)); }});
    return seen;
}

std::string counts_of(const seen_findings& seen) {
    std::string text;
    const auto add = [&](std::size_t n, std::string_view one, std::string_view several) {
        if (n > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", n, n == 1 ? one : several);
    };
    add(seen.count(severity::error), "error", "errors");
    add(seen.count(severity::warning), "warning", "warnings");
    add(seen.skipped.size(), "rule that could not be asked", "rules that could not be asked");
    return text.empty() ? "nothing found" : text;
}

void require_sense(const activity_check_flags& flags) {
    require_codes(flags.only);
    require_codes(flags.skip);
}

int check_all(invocation& run, const activity_check_flags& flags) {
    require_sense(flags);
    reachable_roster accounts(run);
    const auto seen = look_at(run, flags, accounts);
    if (flags.disable) return disable_found(run, {seen.all, flags.max_changes, accounts});
    finding_list list(run);
    for (const finding& f : seen.all) list.write(f);
    list.finish();
    for (const std::string& why : seen.skipped) run.err().warning(why);
    if (!accounts.why_not().empty()) run.err().detail(accounts.why_not());
    run.err().note(counts_of(seen));
    return seen.all.empty() ? 0 : found_something;
}

int check_for_nagios(invocation& run, const activity_check_flags& flags) {
    try {
        require_sense(flags);
        reachable_roster accounts(run);
        const auto seen = look_at(run, flags, accounts);
        const auto errors = seen.count(severity::error), warnings = seen.count(severity::warning);
        const int status = errors > 0 ? nagios::critical : warnings > 0 || !seen.skipped.empty() ? nagios::warning : nagios::ok;
        std::string text = counts_of(seen);
        const auto worst = std::max_element(seen.all.begin(), seen.all.end(), [](const finding& a, const finding& b) { return a.rule.severity < b.rule.severity; });
        if (worst != seen.all.end()) text += fmt::format("; {}: {}", printable(worst->account), worst->sentence);
        else if (!seen.skipped.empty()) text += "; " + seen.skipped.front();
        write_nagios_line(run.out(), "ACTIVITY", status, text, fmt::format("errors={} warnings={} skipped={}", errors, warnings, seen.skipped.size()));
        return status;
    } catch (const error& e) {
        if (!run.out().bad()) write_nagios_line(run.out(), "ACTIVITY", nagios::unknown, e.what(), {});
        return nagios::unknown;
    }
}

} // namespace

int check_activity(invocation& run, const activity_check_flags& flags) {
    if (flags.list) return list_rules(run);
    if (flags.explain) return explain(run, *flags.explain);
    remember_interrupts();
    return flags.nagios ? check_for_nagios(run, flags) : check_all(run, flags);
}

} // namespace vmail::tools
