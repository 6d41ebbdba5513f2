#include <CLI/CLI.hpp>

#include "activity_verbs.hpp"

namespace vmail::tools {

namespace {

void add_since(CLI::App& verb, std::string& since, const std::string& help) { verb.add_option("--since", since, help)->type_name("SPAN")->capture_default_str(); }

void add_check(command_tree& tree, CLI::App& noun, const activity_handlers& handlers) {
    tree.add_verb<activity_check_flags>(
        noun, "check", "Find accounts that somebody else uses, and stop them", "mailctl activity check --since 2d",
        [](CLI::App& verb, activity_check_flags& flags) {
            add_since(verb, flags.since, "what happened in the last hours, days or weeks");
            verb.add_option("--only", flags.only, "by these rules alone, CODE,CODE...")->type_name("CODES")->delimiter(',');
            verb.add_option("--skip", flags.skip, "not by these rules")->type_name("CODES")->delimiter(',');
            auto* const list = verb.add_flag("--list", flags.list, "show all rules");
            auto* const explain = verb.add_option("--explain", flags.explain, "tell what a rule finds, and why that is told")->type_name("CODE")->excludes(list);
            auto* const disable = verb.add_flag("--disable", flags.disable, "disable the mailboxes that errors are about, end their sessions, and tell what is in the queue from them")->excludes(list)->excludes(explain);
            verb.add_option("--max-changes", flags.max_changes, "the most that --disable may disable; \"none\": no limit. Without it 10, or 1 % of all mailboxes if that is more")->type_name("N")->needs(disable);
            verb.add_flag("--nagios", flags.nagios, "one line for Nagios and its heirs, and status 0, 1, 2 or 3")->excludes(disable)->excludes(list)->excludes(explain);
        },
        handlers.check);
}

void add_exchange(command_tree& tree, CLI::App& noun, const activity_handlers& handlers) {
    auto& give = tree.add_verb<activity_export_flags>(
        noun, "export", "Write what was counted, for the store of another host", "mailctl activity export --since 2d > mail2.jsonl",
        [](CLI::App& verb, activity_export_flags& flags) { verb.add_option("--since", flags.since, "what was counted in the last hours, days or weeks; without it all")->type_name("SPAN"); }, handlers.give);
    tree.writes_only(give, {"jsonl"}, "a format of its own");
    tree.add_verb<activity_merge_flags>(
        noun, "merge", "Take what other hosts have counted", "mailctl activity merge mail2.jsonl mail3.jsonl",
        [](CLI::App& verb, activity_merge_flags& flags) { verb.add_option("FILE", flags.files, "what export wrote; \"-\": standard input")->required()->type_name("FILE"); }, handlers.merge);
}

} // namespace

std::vector<std::string> activity_rule_codes() { return {"sends-unread", "guessed", "many-networks", "above-usual", "many-bounces", "stopped-tries"}; }

void add_activity_verbs(command_tree& tree, const activity_handlers& handlers) {
    auto& noun = tree.add_noun("activity", "What accounts do, by the logs of the daemons");
    tree.add_verb<scan_flags>(
        noun, "scan", "Count what is new in logs", "mailctl activity scan /var/log/mail.log.1 /var/log/mail.log",
        [](CLI::App& verb, scan_flags& flags) {
            verb.add_option("LOG", flags.logs, "files, compressed or not; \"journal\", which it is where none is named; \"-\": standard input")->type_name("FILE");
            verb.add_flag("--accept-clock", flags.accept_clock, "the clock of this machine is right, however much later than at the last scan it is");
        },
        handlers.scan);
    add_check(tree, noun, handlers);
    tree.add_verb<activity_show_flags>(
        noun, "show", "Show what an account did, hour by hour", "mailctl activity show ann@example.org --networks",
        [](CLI::App& verb, activity_show_flags& flags) {
            verb.add_option("ACCOUNT", flags.accounts, "addresses or logins")->required()->type_name("NAME");
            add_since(verb, flags.since, "in the last hours, days or weeks");
            verb.add_flag("--networks", flags.networks, "from where, and by what the lines are found in the log");
        },
        handlers.show);
    tree.add_verb<traffic_flags>(
        noun, "traffic", "Count messages and logins, by day, hour, domain or account", "mailctl activity traffic --by domain --since 4w",
        [](CLI::App& verb, traffic_flags& flags) {
            add_since(verb, flags.since, "in the last hours, days or weeks");
            verb.add_option("--by", flags.by, "by what it is counted; accounts are those that sent or received most")->type_name("day|hour|domain|account")->capture_default_str();
            verb.add_option("--domain", flags.domain, "accounts of this domain alone")->type_name("DOMAIN");
            verb.add_option("--top", flags.top, "so many accounts that sent most, and that received most")->type_name("N")->capture_default_str();
            verb.add_option("--prometheus", flags.prometheus, "into this file, whole or not at all, as its node exporter reads it")->type_name("FILE");
        },
        handlers.traffic);
    auto& logins = tree.add_verb<no_flags>(
        noun, "logins", "Write when each account was read last, as report --logins reads it", "mailctl activity logins > last-logins", [](CLI::App&, no_flags&) {}, handlers.logins);
    tree.writes_only(logins, {}, "a format of its own");
    add_exchange(tree, noun, handlers);
    tree.add_verb<activity_forget_flags>(
        noun, "forget", "Delete all that was counted of accounts until now, for good", "mailctl activity forget ann@example.org ann --yes",
        [](CLI::App& verb, activity_forget_flags& flags) { verb.add_option("ACCOUNT", flags.accounts, "addresses or logins")->required()->type_name("NAME"); }, handlers.forget);
}

} // namespace vmail::tools
