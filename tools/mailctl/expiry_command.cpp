#include <span>
#include <type_traits>
#include <unordered_set>

#include <cli/counted.hpp>

#include "ensure.hpp"
#include "entity_verbs.hpp"
#include "expiry_filter.hpp"
#include "words.hpp"

namespace vmail::tools {

namespace {

struct expiry_list_flags {
    list_flags common{};
    bool aliases = false;
    std::string from{}, before{}, within{};
    bool expired = false;
};

/// From when, and until when, mailboxes end that are wanted.
struct time_span {
    std::optional<timestamp> from{}, until{};

    template <typename Entity> bool holds(const Entity& m) const {
        if (!from && !until) return true;
        return m.expires && (!from || m.expires->at() >= *from) && (!until || m.expires->passed(*until));
    }
};

/// Who ends at the beginning of a day had the one before for the last.
timestamp first_end(const std::string& from, const time_zone& zone) {
    const auto begin = timestamp::parse(from, zone);
    const bool is_day = from.size() == std::string_view("2026-12-31").size();
    return is_day ? timestamp(begin.instant() + std::chrono::seconds(1)) : begin;
}

time_span span_of(const expiry_list_flags& flags, const time_zone& zone) {
    const auto now = timestamp::now();
    if ((flags.expired ? 1 : 0) + (flags.within.empty() ? 0 : 1) + (flags.before.empty() && flags.from.empty() ? 0 : 1) > 1)
        throw error(error_kind::usage, "--expired, --within, and --from with --before are three ways to say when: give one of them");
    if (flags.expired) return {.until = now};
    if (!flags.within.empty()) expiry(now).extended(flags.within, zone); // a date is no span
    if (!flags.within.empty()) return {.from = now, .until = expiry::parse(flags.within.starts_with('+') ? flags.within : '+' + flags.within, zone, now).at()};
    time_span span;
    if (!flags.from.empty()) span.from = first_end(flags.from, zone);
    if (!flags.before.empty()) span.until = timestamp::parse(flags.before, zone);
    return span;
}

template <typename Entity> std::span<const field_of<Entity>> ends_of() noexcept {
    if constexpr (std::is_same_v<Entity, alias>) return alias_expiry_fields();
    else return expiry_fields();
}

template <typename Entity>
int list_ends_of(invocation& run, const expiry_list_flags& flags) {
    const auto span = span_of(flags, run.configuration().zone);
    const auto options = make_list_options(run, flags.common, {span.until ? ends_until(run, *span.until) : has_end(run)});
    return list_all<Entity>(run, options, ends_of<Entity>(), [&](const Entity& e) { return span.holds(e); });
}

/// Whoever looks for what ends soon has to know that there is more.
void tell_of_aliases(invocation& run, const expiry_list_flags& flags) {
    if (run.flags().quiet) return;
    const auto span = span_of(flags, run.configuration().zone);
    const auto options = make_list_options(run, flags.common, {span.until ? ends_until(run, *span.until) : has_end(run)});
    std::size_t count = 0;
    run.directory().for_each<alias>(options, [&](stored<alias>&& a) { count += span.holds(a.value); }, [](unreadable_entry&&) {});
    if (count > 0) run.err().note(fmt::format("{} {}, too: --aliases lists {}", counted(count, "aliases"), count == 1 ? "ends" : "end", count == 1 ? "it" : "them"));
}

int list_ends(invocation& run, const expiry_list_flags& flags) {
    if (flags.aliases) return list_ends_of<alias>(run, flags);
    const int status = list_ends_of<mailbox>(run, flags);
    if (!flags.common.filter && !flags.common.removed) tell_of_aliases(run, flags);
    return status;
}

struct set_flags {
    target_flags names{};
    bool aliases = false;
    std::string date{};
};

/// What the end of each becomes.
template <typename Entity> using new_end = std::function<std::optional<expiry>(const Entity&)>;

template <typename Entity>
int set_ends(invocation& run, const plan_run& how, const target_flags& names, const new_end<Entity>& end, const std::string& action) {
    const auto now = timestamp::now();
    return change_each<Entity>(run, how, names, action, [&](directory& d, stored<Entity>& m) { change_end(run, d, m, end(m.value), now); },
                               fields_named(ends_of<Entity>(), {"expires"}));
}

template <typename Entity>
int set_last_day(invocation& run, const set_flags& flags) {
    const auto end = parse_expiry(flags.date, run.configuration().zone);
    return set_ends<Entity>(run, asking_if_past(run_of<Entity>("expiry set", flags.names), end), flags.names, [&](const Entity&) { return end; }, "changed");
}

template <typename Entity>
int ensure_last_day(invocation& run, const set_flags& flags) {
    require_fixed_day(flags.date);
    const auto end = parse_expiry(flags.date, run.configuration().zone);
    const auto now = timestamp::now();
    plan_run how = ensuring<Entity>("expiry ensure", flags.names);
    const viewpoint view(run.directory().site());
    const auto told = fields_named(ends_of<Entity>(), {"expires"});
    const auto plan_all = [&](const std::vector<work_item<Entity>>& items) {
        return plan_each<Entity>(run, how.job, items, false, [&](draft& d, stored<Entity>& m) {
            const Entity before = m.value;
            if (before.expires != end) change_end(run, d.where(), m, end, now);
            ask_if_past(how, before, m.value);
            d.update(m, "changed");
            how.details[text_of(m.value)] = make_record(told, m, view);
        });
    };
    const plan first = plan_all(collect_work<Entity>(run, flags.names, false));
    how.again = [&](const std::vector<std::string>& subjects) { return plan_all(items_named<Entity>(subjects)); };
    return carry_out(run, first, how);
}

struct extend_flags {
    target_flags names{};
    bool aliases = false;
    std::string by{};
};

template <typename Entity>
expiry told_if_past(invocation& run, const Entity& m, const expiry& end) {
    if (end.passed(timestamp::now())) run.err().note(fmt::format("the end of {} is still past: {}", printable(m.address.text()), end.text(run.configuration().zone)));
    return end;
}

template <typename Entity>
int extend(invocation& run, const extend_flags& flags) {
    const auto& zone = run.configuration().zone;
    expiry(timestamp::now()).extended(flags.by, zone); // a span that is none is no fault of any mailbox
    std::unordered_set<std::string> seen; // one that is named twice is extended once
    const std::string hint = fmt::format("set one with \"mailctl expiry set{}\"", flags.aliases ? " --aliases" : "");
    return set_ends<Entity>(run, run_of<Entity>("expiry extend", flags.names), flags.names, [&](const Entity& m) -> std::optional<expiry> {
        if (!seen.insert(m.address.key()).second) return m.expires;
        if (m.has_problem(schema::attr::expire_date) || m.has_problem(schema::attr::mailbox_expiration))
            throw invalid_value(fmt::format("the end of {} makes no sense, and cannot be extended", printable(m.address.text())), {.hint = hint});
        if (m.expires) return told_if_past(run, m, m.expires->extended(flags.by, zone));
        throw invalid_value(fmt::format("{} has no end to extend", printable(m.address.text())), {.hint = hint});
    }, "extended");
}

struct clear_flags {
    target_flags names{};
    bool aliases = false;
};

template <typename Entity>
int clear(invocation& run, const clear_flags& flags) {
    return set_ends<Entity>(run, run_of<Entity>("expiry clear", flags.names), flags.names, [](const Entity&) { return std::nullopt; }, "cleared");
}

struct end_show_flags {
    show_flags common{};
    bool aliases = false;
};

void add_aliases_flag(CLI::App& verb, bool& aliases) { verb.add_flag("--aliases", aliases, "of aliases, and not of mailboxes"); }

} // namespace

void add_expiry_commands(command_tree& tree) {
    auto& noun = tree.add_noun("expiry", "When mailboxes and aliases end; mailctl-expire(8) disables them then");
    tree.add_verb<expiry_list_flags>(
        noun, "list", "List mailboxes that have an end", "mailctl expiry list --before 2027-01-01",
        [](CLI::App& verb, expiry_list_flags& flags) {
            add_list_flags<mailbox>(verb, flags.common);
            add_aliases_flag(verb, flags.aliases);
            verb.add_option("--from", flags.from, "those that work on that day, or end at that time or later")->type_name("TIME");
            verb.add_option("--before", flags.before, "those whose last day is before, or that have ended by that time")->type_name("TIME");
            verb.add_option("--within", flags.within, "those that work now and end within 30d, 6w, 3m or 1y")->type_name("SPAN");
            verb.add_flag("--expired", flags.expired, "those that have ended by now");
        },
        list_ends);
    tree.add_verb<end_show_flags>(
        noun, "show", "Show when mailboxes end", "mailctl expiry show bob@example.org",
        [](CLI::App& verb, end_show_flags& flags) {
            add_target_flags<mailbox>(verb, flags.common.targets);
            verb.add_flag("--removed", flags.common.removed, "also what is marked as removed");
            add_aliases_flag(verb, flags.aliases);
        },
        [](invocation& run, const end_show_flags& flags) {
            return flags.aliases ? show_each<alias>(run, flags.common, alias_expiry_fields()) : show_each<mailbox>(run, flags.common, expiry_fields());
        });
    tree.add_verb<set_flags>(
        noun, "set", "Set the last day of mailboxes", "mailctl expiry set bob@example.org --expires 2026-12-31",
        [](CLI::App& verb, set_flags& flags) {
            add_work_flags<mailbox>(verb, flags.names);
            verb.add_option("--expires,--date", flags.date, "the last day, 2026-12-31 or +6m; a full time; or never")->type_name("DATE")->required();
            add_aliases_flag(verb, flags.aliases);
        },
        [](invocation& run, const auto& flags) { return flags.aliases ? set_last_day<alias>(run, flags) : set_last_day<mailbox>(run, flags); });
    tree.add_verb<set_flags>(
        noun, "ensure", "Set the last day where it is another one", "mailctl expiry ensure bob@example.org --expires 2026-12-31 -o json",
        [](CLI::App& verb, set_flags& flags) {
            add_ensured_flags<mailbox>(verb, flags.names);
            verb.add_option("--expires,--date", flags.date, "the last day, 2026-12-31; a full time; or never")->type_name("DATE")->required();
            add_aliases_flag(verb, flags.aliases);
        },
        [](invocation& run, const auto& flags) { return flags.aliases ? ensure_last_day<alias>(run, flags) : ensure_last_day<mailbox>(run, flags); });
    tree.add_verb<extend_flags>(
        noun, "extend", "Let mailboxes work longer, from the end that each has", "mailctl expiry extend bob@example.org --by 6m",
        [](CLI::App& verb, extend_flags& flags) {
            add_work_flags<mailbox>(verb, flags.names);
            verb.add_option("--by", flags.by, "30d, 6w, 3m or 1y")->type_name("SPAN")->required();
            add_aliases_flag(verb, flags.aliases);
        },
        [](invocation& run, const auto& flags) { return flags.aliases ? extend<alias>(run, flags) : extend<mailbox>(run, flags); });
    tree.add_verb<clear_flags>(
        noun, "clear", "Let mailboxes work for ever", "mailctl expiry clear bob@example.org",
        [](CLI::App& verb, clear_flags& flags) {
            add_work_flags<mailbox>(verb, flags.names);
            add_aliases_flag(verb, flags.aliases);
        },
        [](invocation& run, const clear_flags& flags) { return flags.aliases ? clear<alias>(run, flags) : clear<mailbox>(run, flags); });
}

} // namespace vmail::tools
