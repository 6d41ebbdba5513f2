#include <unordered_set>

#include "ensure.hpp"
#include "entity_verbs.hpp"
#include "expiry_filter.hpp"
#include "words.hpp"

namespace vmail::tools {

namespace {

struct expiry_list_flags {
    list_flags common{};
    std::string from{}, before{}, within{};
    bool expired = false;
};

/// From when, and until when, mailboxes end that are wanted.
struct time_span {
    std::optional<timestamp> from{}, until{};

    bool holds(const mailbox& m) const {
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

int list_ends(invocation& run, const expiry_list_flags& flags) {
    const auto span = span_of(flags, run.configuration().zone);
    const auto options = make_list_options(run, flags.common, {span.until ? ends_until(run, *span.until) : has_end(run)});
    return list_all<mailbox>(run, options, expiry_fields(), [&](const mailbox& m) { return span.holds(m); });
}

struct set_flags {
    target_flags names{};
    std::string date{};
};

/// What the end of each becomes.
using new_end = std::function<std::optional<expiry>(const mailbox&)>;

int set_ends(invocation& run, const plan_run& how, const target_flags& names, const new_end& end, const std::string& action) {
    const auto now = timestamp::now();
    return change_each<mailbox>(run, how, names, action, [&](directory& d, stored<mailbox>& m) { change_end(run, d, m, end(m.value), now); },
                                fields_named(expiry_fields(), {"expires"}));
}

int set_last_day(invocation& run, const set_flags& flags) {
    const auto end = parse_expiry(flags.date, run.configuration().zone);
    return set_ends(run, asking_if_past(run_of<mailbox>("expiry set", flags.names), end), flags.names, [&](const mailbox&) { return end; }, "changed");
}

int ensure_last_day(invocation& run, const set_flags& flags) {
    require_fixed_day(flags.date);
    const auto end = parse_expiry(flags.date, run.configuration().zone);
    const auto now = timestamp::now();
    plan_run how = ensuring<mailbox>("expiry ensure", flags.names);
    const viewpoint view(run.directory().site());
    const auto told = fields_named(expiry_fields(), {"expires"});
    const auto plan_all = [&](const std::vector<work_item<mailbox>>& items) {
        return plan_each<mailbox>(run, how.job, items, false, [&](draft& d, stored<mailbox>& m) {
            const mailbox before = m.value;
            if (before.expires != end) change_end(run, d.where(), m, end, now);
            ask_if_past(how, before, m.value);
            d.update(m, "changed");
            how.details[text_of(m.value)] = make_record(told, m, view);
        });
    };
    const plan first = plan_all(collect_work<mailbox>(run, flags.names, false));
    how.again = [&](const std::vector<std::string>& subjects) { return plan_all(items_named<mailbox>(subjects)); };
    return carry_out(run, first, how);
}

struct extend_flags {
    target_flags names{};
    std::string by{};
};

expiry told_if_past(invocation& run, const mailbox& m, const expiry& end) {
    if (end.passed(timestamp::now())) run.err().note(fmt::format("the end of {} is still past: {}", printable(m.address.text()), end.text(run.configuration().zone)));
    return end;
}

int extend(invocation& run, const extend_flags& flags) {
    const auto& zone = run.configuration().zone;
    expiry(timestamp::now()).extended(flags.by, zone); // a span that is none is no fault of any mailbox
    std::unordered_set<std::string> seen; // one that is named twice is extended once
    return set_ends(run, run_of<mailbox>("expiry extend", flags.names), flags.names, [&](const mailbox& m) -> std::optional<expiry> {
        if (!seen.insert(m.address.key()).second) return m.expires;
        if (m.has_problem(schema::attr::expire_date) || m.has_problem(schema::attr::mailbox_expiration))
            throw invalid_value(fmt::format("the end of {} makes no sense, and cannot be extended", printable(m.address.text())), {.hint = "set one with \"mailctl expiry set\""});
        if (m.expires) return told_if_past(run, m, m.expires->extended(flags.by, zone));
        throw invalid_value(fmt::format("{} has no end to extend", printable(m.address.text())), {.hint = "set one with \"mailctl expiry set\""});
    }, "extended");
}

} // namespace

void add_expiry_commands(command_tree& tree) {
    auto& noun = tree.add_noun("expiry", "When mailboxes end; mailctl-expire(8) disables them then");
    tree.add_verb<expiry_list_flags>(
        noun, "list", "List mailboxes that have an end", "mailctl expiry list --before 2027-01-01",
        [](CLI::App& verb, expiry_list_flags& flags) {
            add_list_flags<mailbox>(verb, flags.common);
            verb.add_option("--from", flags.from, "those that work on that day, or end at that time or later")->type_name("TIME");
            verb.add_option("--before", flags.before, "those whose last day is before, or that have ended by that time")->type_name("TIME");
            verb.add_option("--within", flags.within, "those that work now and end within 30d, 6w, 3m or 1y")->type_name("SPAN");
            verb.add_flag("--expired", flags.expired, "those that have ended by now");
        },
        list_ends);
    add_show<mailbox>(tree, noun, expiry_fields());
    tree.add_verb<set_flags>(
        noun, "set", "Set the last day of mailboxes", "mailctl expiry set bob@example.org --expires 2026-12-31",
        [](CLI::App& verb, set_flags& flags) {
            add_work_flags<mailbox>(verb, flags.names);
            verb.add_option("--expires,--date", flags.date, "the last day, 2026-12-31 or +6m; a full time; or never")->type_name("DATE")->required();
        },
        set_last_day);
    tree.add_verb<set_flags>(
        noun, "ensure", "Set the last day where it is another one", "mailctl expiry ensure bob@example.org --expires 2026-12-31 -o json",
        [](CLI::App& verb, set_flags& flags) {
            add_ensured_flags<mailbox>(verb, flags.names);
            verb.add_option("--expires,--date", flags.date, "the last day, 2026-12-31; a full time; or never")->type_name("DATE")->required();
        },
        ensure_last_day);
    tree.add_verb<extend_flags>(
        noun, "extend", "Let mailboxes work longer, from the end that each has", "mailctl expiry extend bob@example.org --by 6m",
        [](CLI::App& verb, extend_flags& flags) {
            add_work_flags<mailbox>(verb, flags.names);
            verb.add_option("--by", flags.by, "30d, 6w, 3m or 1y")->type_name("SPAN")->required();
        },
        extend);
    tree.add_verb<target_flags>(noun, "clear", "Let mailboxes work for ever", "mailctl expiry clear bob@example.org", add_work_flags<mailbox>,
                                [](invocation& run, const target_flags& names) { return set_ends(run, run_of<mailbox>("expiry clear", names), names, [](const mailbox&) { return std::nullopt; }, "cleared"); });
}

} // namespace vmail::tools
