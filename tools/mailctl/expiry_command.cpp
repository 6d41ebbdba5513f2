#include "entity_verbs.hpp"
#include "expiry_filter.hpp"
#include "words.hpp"

namespace vmail::tools {

namespace {

struct expiry_list_flags {
    list_flags common{};
    std::string before{};
    bool expired = false;
};

int list_ends(invocation& run, const expiry_list_flags& flags) {
    if (flags.expired && !flags.before.empty()) throw error(error_kind::usage, "--expired is \"--before now\": give one of them");
    const bool all = !flags.expired && flags.before.empty();
    const auto until = all || flags.expired ? timestamp::now() : timestamp::parse(flags.before, run.configuration().zone);
    const auto options = make_list_options(run, flags.common, {all ? has_end(run) : ends_until(run, until)});
    return list_all<mailbox>(run, options, expiry_fields(), [&](const mailbox& m) { return all || (m.expires && m.expires->passed(until)); });
}

struct set_flags {
    target_flags names{};
    std::string date{};
};

int set_ends(invocation& run, const std::string& verb, const target_flags& names, const std::optional<expiry>& end, const std::string& action) {
    const auto now = timestamp::now();
    return change_each<mailbox>(run, verb, names, action, [&](directory& d, stored<mailbox>& m) { change_end(run, d, m, end, now); });
}

} // namespace

void add_expiry_commands(command_tree& tree) {
    auto& noun = tree.add_noun("expiry", "When mailboxes end; mailctl-expire(8) disables them then");
    tree.add_verb<expiry_list_flags>(
        noun, "list", "List mailboxes that have an end", "mailctl expiry list --before 2027-01-01",
        [](CLI::App& verb, expiry_list_flags& flags) {
            add_list_flags<mailbox>(verb, flags.common);
            verb.add_option("--before", flags.before, "those that have ended by then")->type_name("TIME");
            verb.add_flag("--expired", flags.expired, "those that have ended by now");
        },
        list_ends);
    tree.add_verb<set_flags>(
        noun, "set", "Set the last day of mailboxes", "mailctl expiry set bob@example.org --expires 2026-12-31",
        [](CLI::App& verb, set_flags& flags) {
            add_work_flags<mailbox>(verb, flags.names);
            verb.add_option("--expires,--date", flags.date, "the last day, 2026-12-31 or +6m; a full time; or never")->type_name("DATE")->required();
        },
        [](invocation& run, const set_flags& flags) {
            return set_ends(run, "expiry set", flags.names, parse_expiry(flags.date, run.configuration().zone), "changed");
        });
    tree.add_verb<target_flags>(noun, "clear", "Let mailboxes work for ever", "mailctl expiry clear bob@example.org", add_work_flags<mailbox>,
                                [](invocation& run, const target_flags& names) { return set_ends(run, "expiry clear", names, std::nullopt, "cleared"); });
}

} // namespace vmail::tools
