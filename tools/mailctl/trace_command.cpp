#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <vmail/directory_routes.hpp>
#include <vmail/directory_senders.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>
#include <vmail/standing.hpp>

#include <cli/report.hpp>
#include <cli/targets.hpp>

#include "command.hpp"
#include "entity_fields.hpp"
#include "trace_text.hpp"

namespace vmail::tools {

namespace {

struct trace_flags {
    std::vector<std::string> names{};
    std::vector<std::string> to{};
};

std::vector<std::string> names_in(const routing::trace& t) {
    std::vector<std::string> names;
    for (const auto& d : t.ends)
        if (d.kind != routing::ending::lost) names.push_back(d.address);
    return names;
}

/// What was found of one address, as each format wants it.
struct finding {
    std::string text;               ///< for people
    std::vector<std::string> names; ///< of what is at the other end
    record summary, whole;
};

/// Writes findings one by one.
class finding_output {
public:
    explicit finding_output(invocation& run) : run_(run), is_text_(run.format() == output_format::table && run.flags().fields.empty()) {
        if (run.format() == output_format::ldif) throw error(error_kind::usage, "trace shows ways, which are no entries for LDIF");
        if (!is_text_) output_ = make_output(run.format(), table_shape::rows, run.out());
    }

    void write(const finding& f) {
        const auto& fields = run_.flags().fields;
        if (is_text_) run_.out() << std::exchange(separator_, "\n") << f.text;
        else if (run_.format() == output_format::name && fields.empty())
            for (const auto& name : f.names) output_->write({{"address", name}});
        else output_->write(chosen_fields(run_.writes_json() ? f.whole : f.summary, fields, run_.format()));
    }

    void finish() {
        if (output_) output_->finish();
    }

private:
    invocation& run_;
    bool is_text_;
    std::unique_ptr<output> output_{};
    const char* separator_ = "";
};

/// What `look` finds of each address, and whether it is well.
using look = std::function<std::pair<finding, bool>(const address&)>;

int look_at_each(invocation& run, const std::vector<std::string>& names, const look& at) {
    finding_output out(run);
    tally counted;
    bool all_well = true, shown = false;
    for (const auto& target : read_targets(names, std::cin, "address")) {
        try {
            const auto [found, is_well] = at(target.parse(address::parse));
            out.write(found);
            all_well = all_well && is_well;
            shown = true;
            counted.succeeded();
        } catch (const error& e) {
            counted.failed(e);
            run.err().failure(run.explained(e, target.text));
        }
        if (counted.stopped() || run.out().is_broken()) break;
    }
    if (shown || counted.status() == 0) out.finish();
    return counted.status() != 0 ? counted.status() : all_well ? 0 : 1;
}

int trace_from(invocation& run, directory_routes& routes, const std::vector<std::string>& names) {
    return look_at_each(run, names, [&](const address& a) {
        run.directory().find_domain(a.domain()); // who may not see it is told so, and not that nothing is there
        const auto t = routing::trace_of(routing::recipient::parse(a.text()), routes.surroundings());
        return std::pair(finding{sentence_of(t) + '\n' + tree_of(t), names_in(t), summary_of(t), record_of(t)}, routing::is_well(t));
    });
}

int trace_to(invocation& run, directory_routes& routes, const std::vector<std::string>& names) {
    directory_senders senders(run.directory(), routes);
    const int status = look_at_each(run, names, [&](const address& a) {
        run.directory().find_domain(a.domain());
        const auto all = routing::sources_of(a.text(), [&](const std::string& to) { return senders.find(to); });
        finding f{sentence_of(a.text(), all) + '\n' + tree_of(a.text(), all), {}, summary_of(a.text(), all), record_of(a.text(), all)};
        for (const auto& s : all) f.names.push_back(s.who.address);
        return std::pair(std::move(f), true);
    });
    if (routes.who().kind != standing::kind::service) run.err().note("only what " + printable(routes.who().name) + " may see is told: others may send here as well");
    return status;
}

int trace_each(invocation& run, const trace_flags& flags) {
    if (!flags.to.empty() && !flags.names.empty()) throw error(error_kind::usage, "give addresses to follow mail from, or --to for what sends it there: not both");
    require_sight(run.session(), run.directory().site());
    directory_routes routes(run.directory(), run.configuration().lists_domain);
    return flags.to.empty() ? trace_from(run, routes, flags.names) : trace_to(run, routes, flags.to);
}

} // namespace

void add_trace_command(command_tree& tree) {
    tree.add_verb<trace_flags>(
        tree.root(), "trace", "Show where mail to an address goes, step by step, or with --to who sends it there", "mailctl trace info@example.org",
        [](CLI::App& verb, trace_flags& flags) {
            verb.add_option("address", flags.names, "addresses, or - for standard input")->type_name("");
            verb.add_option("--to", flags.to, "show what leads mail to this address; repeat it for several")->type_name("ADDRESS")->allow_extra_args(false);
        },
        trace_each);
}

} // namespace vmail::tools
