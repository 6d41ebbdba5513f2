#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <vmail/check/check.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <cli/nagios_line.hpp>
#include <cli/plain_options.hpp>
#include <cli/terminal.hpp>

#include "check_repairs.hpp"
#include "command.hpp"
#include "entity_fields.hpp"

namespace vmail::tools {

namespace {

struct check_flags {
    std::optional<std::string> domain{}, explain{}, max_changes{};
    std::vector<std::string> only{}, skip{};
    bool server = false, list = false, fix = false, nagios = false;
};

constexpr int found_something = 1;
constexpr const char* show_all = "\"mailctl check --list\" shows all";

check::options make_options(invocation& run, const check_flags& flags) {
    check::options o{.lists_domain = run.configuration().lists_domain, .only = flags.only, .skip = flags.skip};
    if (flags.domain) o.domain = domain_name::parse(*flags.domain);
    o.tree = !flags.server;
    o.server = !flags.domain;
    o.stop = was_interrupted;
    return o;
}

// ---- what it is about: the rules

std::string_view word_of(check::repair r) {
    constexpr std::array<std::string_view, 3> words = {"", "check --fix", "adopt"};
    return words[static_cast<std::size_t>(r)];
}

value or_nothing(std::string_view text) { return text.empty() ? value{} : value{std::string(text)}; }

record record_of(const check::rule_info& r) {
    return {{"code", std::string(r.code)},
            {"severity", std::string(check::name(r.severity))},
            {"about", std::string(r.reach == check::reach::tree ? "tree" : "server")},
            {"repaired_by", or_nothing(word_of(r.repair))},
            {"explanation", std::string(r.explanation)}};
}

int list_rules(invocation& run) {
    const auto out = make_output(run.format(), table_shape::rows, run.out());
    for (const check::rule_info& r : check::rules()) out->write(chosen_fields(record_of(r), run.flags().fields, run.format()));
    out->finish();
    return 0;
}

int explain(invocation& run, const std::string& code) {
    const auto rule = check::find_rule(code);
    if (!rule) refuse(fmt::format("there is no rule {}", vmail::quoted(code)), show_all);
    const auto out = make_output(run.format(), table_shape::card, run.out());
    out->write(chosen_fields(record_of(*rule), run.flags().fields, run.format()));
    out->finish();
    return 0;
}

// ---- what it finds

struct finding_field {
    std::string_view name;
    bool in_lists;
    value (*get)(const check::finding&);
};

constexpr std::array finding_fields = {
    finding_field{"subject", true, [](const check::finding& f) { return or_nothing(f.subject); }},
    finding_field{"severity", true, [](const check::finding& f) { return value{std::string(check::name(f.severity))}; }},
    finding_field{"code", true, [](const check::finding& f) { return value{std::string(f.code)}; }},
    finding_field{"message", true, [](const check::finding& f) { return value{f.sentence}; }},
    finding_field{"repaired_by", false, [](const check::finding& f) { return f.repairable ? or_nothing(word_of(check::find_rule(f.code)->repair)) : value{}; }},
    finding_field{"dn", false, [](const check::finding& f) { return or_nothing(f.dn); }},
};

/// Writes what is found, as it is found.
class finding_list {
public:
    explicit finding_list(invocation& run) : run_(run), out_(make_output(run.format(), table_shape::rows, run.out())) {
        std::vector<std::string_view> all, in_lists;
        for (const auto& f : finding_fields) {
            all.push_back(f.name);
            if (f.in_lists) in_lists.push_back(f.name);
        }
        names_ = choose_fields(all, in_lists, run.flags().fields, run.format(), table_shape::rows);
        out_->announce(names_);
    }

    void write(const check::finding& f) {
        if (run_.format() == output_format::name && f.subject.empty()) return;
        record r;
        for (const auto name : names_)
            for (const auto& field : finding_fields)
                if (field.name == name) r.push_back({name, field.get(f)});
        out_->write(r);
    }

    void finish() { out_->finish(); }

private:
    invocation& run_;
    std::unique_ptr<output> out_;
    std::vector<std::string_view> names_;
};

std::string counts_of(const check::summary& sum) {
    std::string text;
    const auto add = [&](check::severity s, std::string_view one, std::string_view several) {
        if (const auto n = sum.count(s); n > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", n, n == 1 ? one : several);
    };
    add(check::severity::error, "error", "errors");
    add(check::severity::warning, "warning", "warnings");
    add(check::severity::note, "note", "notes");
    add(check::severity::unknown, "thing that could not be seen", "things that could not be seen");
    return text.empty() ? "nothing found" : text;
}

int check_all(invocation& run, const check_flags& flags) {
    finding_list list(run);
    const auto sum = check::look(run.directory(), make_options(run, flags), [&](const check::finding& f) { list.write(f); });
    list.finish();
    run.err().note(fmt::format("{} in {} {}", counts_of(sum), sum.entries, sum.entries == 1 ? "entry" : "entries"));
    return sum.clean() ? 0 : found_something;
}

// ---- what is asked for

/// A code that nobody knows is a slip of the hand, not bad data.
void require_codes(const std::vector<std::string>& codes) {
    for (const std::string& c : codes)
        if (!check::find_rule(c)) refuse(fmt::format("there is no rule {}", vmail::quoted(c)), show_all);
}

/// What is asked for by name and would not be looked at must not pass for right.
void require_reached(const check_flags& flags) {
    for (const std::string& c : flags.only) {
        const bool of_server = check::find_rule(c)->reach == check::reach::server;
        if (of_server && (flags.domain || flags.fix)) refuse(fmt::format("{} is about the server, and {} about the tree alone", c, flags.fix ? "--fix" : "--domain"));
        if (!of_server && flags.server) refuse(fmt::format("{} is about the tree, and --server about the server alone", c));
    }
}

bool has_code(const std::vector<std::string>& codes, const check::rule_info& r) {
    return std::any_of(codes.begin(), codes.end(), [&](const std::string& c) { return check::find_rule(c)->code == r.code; });
}

/// Nor where nothing is looked at at all.
void require_rules(const check_flags& flags) {
    bool is_any_left = false;
    for (const check::rule_info& r : check::rules()) {
        const bool is_reached = r.reach == check::reach::server ? !flags.domain && !flags.fix : !flags.server;
        if (has_code(flags.only, r) && has_code(flags.skip, r)) refuse(fmt::format("{} is in both, --only and --skip", r.code));
        is_any_left = is_any_left || (is_reached && !has_code(flags.skip, r));
    }
    if (!is_any_left) refuse("--skip leaves no rule to look by", show_all);
}

void require_sense(const check_flags& flags) {
    require_codes(flags.only);
    require_codes(flags.skip);
    require_reached(flags);
    require_rules(flags);
}

// ---- for a monitor

int nagios_status_of(const check::summary& sum) {
    if (sum.count(check::severity::error) > 0) return nagios::critical;
    if (sum.count(check::severity::warning) > 0) return nagios::warning;
    return nagios::ok; // with what could not be seen in its words: most sites show cn=config to nobody
}

int check_for_nagios(invocation& run, const check_flags& flags) {
    try {
        require_sense(flags);
        std::string first;
        auto worst = check::severity::unknown;
        const auto sum = check::look(run.directory(), make_options(run, flags), [&](const check::finding& f) {
            if (!first.empty() && f.severity <= worst) return;
            first = fmt::format("{}{}{}", printable(f.subject), f.subject.empty() ? "" : ": ", f.sentence);
            worst = f.severity;
        });
        const int status = nagios_status_of(sum);
        write_nagios_line(run.out(), "CHECK", status, counts_of(sum) + (first.empty() ? "" : "; " + first),
                          fmt::format("errors={} warnings={} notes={} unknown={} entries={}", sum.count(check::severity::error), sum.count(check::severity::warning),
                                      sum.count(check::severity::note), sum.count(check::severity::unknown), sum.entries));
        return status;
    } catch (const error& e) {
        if (!run.out().bad()) write_nagios_line(run.out(), "CHECK", nagios::unknown, e.what(), {});
        return nagios::unknown;
    }
}

int fix(invocation& run, const check_flags& flags) {
    return carry_out_repairs(run, make_options(run, flags),
                             {.job = "check --fix", .ask = "carry out {}?", .most = check::repair::safe, .question = question::for_several, .max_changes = flags.max_changes});
}

int run_check(invocation& run, const check_flags& flags) {
    if (flags.list) return list_rules(run);
    if (flags.explain) return explain(run, *flags.explain);
    remember_interrupts();
    if (flags.nagios) return check_for_nagios(run, flags);
    require_sense(flags);
    return flags.fix ? fix(run, flags) : check_all(run, flags);
}

} // namespace

void add_check_command(command_tree& tree) {
    tree.add_verb<check_flags>(
        tree.root(), "check", "Find what is wrong in the tree and on the server, and repair what is safe", "mailctl check --domain example.org",
        [](CLI::App& verb, check_flags& flags) {
            auto* const domain = verb.add_option("--domain", flags.domain, "what is wrong in this domain alone, and nothing about the server")->type_name("DOMAIN");
            verb.add_option("--only", flags.only, "by these rules alone, CODE,CODE...")->type_name("CODES")->delimiter(',');
            verb.add_option("--skip", flags.skip, "not by these rules")->type_name("CODES")->delimiter(',');
            auto* const server = verb.add_flag("--server", flags.server, "what is wrong on the server alone")->excludes(domain);
            auto* const list = verb.add_flag("--list", flags.list, "show all rules");
            auto* const explain = verb.add_option("--explain", flags.explain, "tell what a rule finds, and why that is wrong")->type_name("CODE")->excludes(list);
            auto* const fix = verb.add_flag("--fix", flags.fix, "repair what can be repaired without changing what daemons do with an entry")
                                  ->excludes(server)->excludes(list)->excludes(explain);
            verb.add_option("--max-changes", flags.max_changes, "the most that --fix may change at once; \"none\": no limit. Without it 10, or 1 % of all mailboxes if that is more")
                ->type_name("N")->needs(fix);
            verb.add_flag("--nagios", flags.nagios, "one line for Nagios and its heirs, and status 0, 1, 2 or 3")->excludes(fix)->excludes(list)->excludes(explain);
        },
        run_check);
}

} // namespace vmail::tools
