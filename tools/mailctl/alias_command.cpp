#include "ensure.hpp"
#include "entity_verbs.hpp"
#include "other_attributes.hpp"
#include "target_list.hpp"

namespace vmail::tools {

namespace {

struct add_flags {
    std::string name{};
    std::vector<std::string> targets{};
    std::string description{};
    std::optional<std::string> expires{};
    std::vector<std::string> other{};
};

int add_alias(invocation& run, const add_flags& flags) {
    alias made(alias_address::parse(flags.name));
    made.targets = parse_targets(flags.targets);
    made.description = flags.description;
    made.other = parse_other_attributes(flags.other);
    if (flags.expires) made.expires = parse_expiry(*flags.expires, run.configuration().zone);
    plan_run how{.job = "alias add", .field = "address", .plural = "aliases", .question = question::never};
    how = asking_if_past(std::move(how), made.expires);
    draft d(run.directory(), {.token = token_of(how.job, {flags.name})});
    d.attempt(flags.name, [&] {
        d.expect<alias>({made.address}, expected::absent);
        d.add(made);
    });
    return carry_out(run, std::move(d).take(), how);
}

struct set_flags {
    target_flags names{};
    target_list_flags targets{};
    std::optional<std::string> description{}, expires{};
    std::vector<std::string> other{};
};

int set_aliases(invocation& run, const set_flags& flags) {
    const target_list_changes wanted(flags.targets);
    if (wanted.empty() && !flags.description && !flags.expires && flags.other.empty()) throw error(error_kind::usage, "there is nothing to set", {.hint = "mailctl alias set --help"});
    const auto end = flags.expires ? parse_expiry(*flags.expires, run.configuration().zone) : std::nullopt;
    const auto other = parse_other_attributes(flags.other);
    const auto now = timestamp::now();
    return change_each<alias>(run, asking_if_past(run_of<alias>("set", flags.names), end), flags.names, "changed", [&](directory& d, stored<alias>& a) {
        wanted.apply(a->targets);
        if (flags.expires) change_end(run, d, a, end, now);
        a->other = other;
        if (flags.description) a->description = *flags.description;
    });
}

int ensure_aliases(invocation& run, const set_flags& flags) {
    require_fixed_day(flags.expires);
    const target_list_changes wanted(flags.targets);
    const auto end = flags.expires ? parse_expiry(*flags.expires, run.configuration().zone) : std::nullopt;
    const auto other = parse_other_attributes(flags.other);
    const auto now = timestamp::now();
    const auto apply = [&](alias& a) {
        wanted.apply(a.targets);
        a.other = other;
        if (flags.description) a.description = *flags.description;
    };
    return ensure_each<alias>(run, flags.names,
                              {[&](draft& d, const named_target& target, plan_run& how) {
                                   alias made(target.parse(alias_address::parse));
                                   apply(made);
                                   made.expires = end;
                                   d.add(made);
                                   how = asking_if_past(std::move(how), end);
                               },
                               [&](draft& d, stored<alias>& a) {
                                   apply(a.value);
                                   if (flags.expires && a->expires != end) change_end(run, d.where(), a, end, now);
                                   d.update(a, "changed");
                               }});
}

void add_changes(CLI::App& verb, set_flags& flags, const std::string& end) {
    add_target_list_flags(verb, flags.targets);
    verb.add_option("--description", flags.description, "for people")->type_name("TEXT");
    add_other_attributes_flag(verb, flags.other);
    verb.add_option("--expires", flags.expires, end)->type_name("DATE");
}

} // namespace

void add_alias_commands(command_tree& tree) {
    auto& noun = tree.add_noun("alias", "Aliases; @domain is the catch-all of a domain");
    add_list<alias>(tree, noun, alias_fields());
    add_show<alias>(tree, noun, alias_fields());
    tree.add_verb<add_flags>(
        noun, "add", "Make an alias", "mailctl alias add info@example.org --target bob@example.org --target eve@example.net",
        [](CLI::App& verb, add_flags& flags) {
            verb.add_option("address", flags.name, "the alias")->type_name("")->required();
            add_addresses_option(verb, "--target", flags.targets, "send to this; repeat it for several").required();
            verb.add_option("--description", flags.description, "for people")->type_name("TEXT");
            add_other_attributes_flag(verb, flags.other);
            verb.add_option("--expires", flags.expires, "the last day, 2026-12-31 or +6m, or never")->type_name("DATE");
        },
        add_alias);
    tree.add_verb<set_flags>(
        noun, "set", "Change aliases", "mailctl alias set info@example.org --add-target ann@example.org",
        [](CLI::App& verb, set_flags& flags) {
            add_work_flags<alias>(verb, flags.names);
            add_changes(verb, flags, "the last day, 2026-12-31 or +6m, or never");
        },
        set_aliases);
    tree.add_verb<set_flags>(
        noun, "ensure", "Make aliases that are not there, and change what differs", "mailctl alias ensure info@example.org --target bob@example.org -o json",
        [](CLI::App& verb, set_flags& flags) {
            add_ensured_flags<alias>(verb, flags.names);
            add_changes(verb, flags, "the last day, 2026-12-31, or never");
        },
        ensure_aliases);
    add_enable_and_disable<alias>(tree, noun);
    add_remove<alias>(tree, noun);
}

} // namespace vmail::tools
