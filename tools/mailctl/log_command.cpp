#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <vmail/alias.hpp>
#include <vmail/error.hpp>
#include <vmail/jobs/history.hpp>
#include <vmail/timestamp.hpp>

#include "command.hpp"
#include "words.hpp"
#include "entity_fields.hpp"

namespace vmail::tools {

namespace {

struct log_flags {
    std::optional<std::string> name{};
    std::optional<std::string> since{};
    std::optional<std::string> limit{};
    bool no_server = false;
};

/// One column or field of an event.
struct event_field {
    std::string_view name;
    bool in_lists;
    value (*get)(const history_event&);
};

value or_nothing(const std::string& text) { return text.empty() ? value{} : value{text}; }

/// By name where there is one, and with whose rights.
value who(const history_event& e) {
    if (e.user.empty() || e.who.empty()) return or_nothing(e.user + e.who);
    return fmt::format("{} as {}", e.user, e.who);
}

constexpr std::array event_fields = {
    event_field{"time", true, [](const history_event& e) -> value { return e.time; }},
    event_field{"who", true, who},
    event_field{"subject", true, [](const history_event& e) -> value { return or_nothing(e.subject); }},
    event_field{"action", true, [](const history_event& e) -> value { return or_nothing(e.action); }},
    event_field{"attributes", true, [](const history_event& e) -> value { return e.attributes; }},
    event_field{"result", true, [](const history_event& e) -> value { return or_nothing(e.result); }},
    event_field{"id", true, [](const history_event& e) -> value { return or_nothing(e.id); }},
    event_field{"job", false, [](const history_event& e) -> value { return or_nothing(e.job); }},
    event_field{"identity", false, [](const history_event& e) -> value { return or_nothing(e.who); }},
    event_field{"user", false, [](const history_event& e) -> value { return or_nothing(e.user); }},
    event_field{"host", false, [](const history_event& e) -> value { return or_nothing(e.host); }},
    event_field{"source", false, [](const history_event& e) -> value { return std::string(e.journal.empty() ? "server" : "journal"); }},
};

std::vector<const event_field*> choose(invocation& run) {
    std::vector<std::string_view> all, in_lists;
    for (const auto& f : event_fields) {
        all.push_back(f.name);
        if (f.in_lists) in_lists.push_back(f.name);
    }
    std::vector<const event_field*> chosen;
    for (const auto name : choose_fields(all, in_lists, run.flags().fields, run.format(), table_shape::rows))
        for (const auto& f : event_fields)
            if (f.name == name) chosen.push_back(&f);
    return chosen;
}

/// As it is on record: in quotes only where it needs them. What is neither an address nor a domain may have been something else.
std::string spelling_of(const std::string& name) {
    try {
        return alias_address::parse(name).text();
    } catch (const invalid_value&) {
        return name;
    }
}

int show_log(invocation& run, const log_flags& flags) {
    const auto fields = choose(run);
    const bool writes_names = run.format() == output_format::name && run.flags().fields.empty();
    history_query query{.server = !flags.no_server};
    if (flags.name) query.name = spelling_of(*flags.name);
    if (flags.since) query.since = timestamp::parse(*flags.since, run.configuration().zone).rfc3339();
    const std::uint64_t most = (flags.limit ? parse_most_shown(*flags.limit) : std::nullopt).value_or(std::numeric_limits<std::uint64_t>::max());
    const auto found = read_history(run.directory(), journal_folder(run.configuration()), query);
    for (const auto& fault : found.faults) run.err().warning(fault);
    if (!flags.no_server && !found.has_server_record)
        run.err().detail("the server keeps no record of its own (slapo-accesslog), or shows none: only what was done with this program from here is known");
    const auto out = make_output(run.format(), table_shape::rows, run.out());
    std::vector<std::string_view> names;
    for (const auto* f : fields) names.push_back(f->name);
    out->announce(names);
    const std::size_t skip = found.events.size() > most ? found.events.size() - most : 0;
    for (std::size_t i = skip; i < found.events.size(); ++i) {
        record r;
        if (writes_names) {
            if (const auto name = name_in(found.events[i].subject)) out->write({{"name", *name}});
            continue;
        }
        for (const auto* f : fields) r.push_back({f->name, f->get(found.events[i])});
        out->write(r);
    }
    out->finish();
    return found.faults.empty() ? 0 : 1;
}

} // namespace

void add_log_command(command_tree& tree) {
    tree.add_verb<log_flags>(
        tree.root(), "log", "Show what was changed, when and by whom", "mailctl log bob@example.org",
        [](CLI::App& verb, log_flags& flags) {
            verb.add_option("name", flags.name, "an address or a domain: what happened to it, whatever its name was; without one, to all")->type_name("");
            verb.add_option("--since", flags.since, "from this moment on, 2026-12-31 or a full time")->type_name("TIME");
            verb.add_option("--limit", flags.limit, "the latest so many; 0 or none: all")->type_name("N");
            verb.add_flag("--no-server", flags.no_server, "only what the journals tell, not the server's own record");
        },
        show_log);
}

} // namespace vmail::tools
