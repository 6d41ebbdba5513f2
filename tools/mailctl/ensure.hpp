#pragma once

#include <functional>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include <vmail/draft.hpp>

#include <cli/plan_run.hpp>
#include <cli/targets.hpp>

#include "entity_kind.hpp"
#include "entity_verbs.hpp"
#include "foretelling.hpp"

/// The verb for who says how things are to be, and not what is to be done.
namespace vmail::tools {

template <typename Entity>
void add_ensured_flags(CLI::App& verb, target_flags& flags) {
    using kind = entity_kind<Entity>;
    verb.add_option(std::string(kind::field), flags.names, fmt::format("{}, or - for standard input", kind::plural))->type_name("");
    verb.add_option("--max-changes", flags.max_changes, "the most of those that are there which may change at once; \"none\": no limit. Without it 10, or 1 % of all mailboxes if that is more")->type_name("N");
}

/// One that is counted from today would be another one each time.
inline void require_fixed_day(const std::optional<std::string>& expires) {
    if (expires && expires->starts_with('+')) throw error(error_kind::usage, "--expires takes a date here: a day counted from today is another one each time");
}

/// It asks nothing: whoever says how things are to be has said it. `how` may be told more.
template <typename Entity>
plan_run ensuring(const std::string& verb, const target_flags& flags) {
    plan_run how = run_of<Entity>(verb, flags);
    how.question = question::never;
    how.looks_again = true;
    return how;
}

/// What a verb says of itself.
struct verb_words {
    std::string description, example;
};

/// "set" and "ensure" of a noun that stands for a side of mailboxes: the same flags end in the same, and the second asks nothing.
template <typename Flags>
void add_set_and_ensure(command_tree& tree, CLI::App& noun, const verb_words& set, const verb_words& ensure, void (*add_own_flags)(CLI::App&, Flags&),
                        int (*change)(invocation&, const plan_run&, const Flags&)) {
    const std::string name = noun.get_name();
    tree.add_verb<Flags>(
        noun, "set", set.description, set.example,
        [add_own_flags](CLI::App& verb, Flags& flags) {
            add_work_flags<mailbox>(verb, flags.names);
            add_own_flags(verb, flags);
        },
        [change, name](invocation& run, const Flags& flags) { return change(run, run_of<mailbox>(name + " set", flags.names), flags); });
    tree.add_verb<Flags>(
        noun, "ensure", ensure.description, ensure.example,
        [add_own_flags](CLI::App& verb, Flags& flags) {
            add_ensured_flags<mailbox>(verb, flags.names);
            add_own_flags(verb, flags);
        },
        [change, name](invocation& run, const Flags& flags) { return change(run, ensuring<mailbox>(name + " ensure", flags.names), flags); });
}

/// What becomes of one that is not there, and of one that is.
template <typename Entity>
struct ensured {
    std::function<void(draft&, const named_target&, plan_run&)> make;
    std::function<void(draft&, stored<Entity>&)> change;
    std::function<bool(const Entity&)> is_made = [](const Entity&) { return true; }; ///< not where the entry is there as something else alone
};

/// As "set" asks, where the end becomes another.
template <typename Entity>
void ask_if_past(plan_run& how, const Entity& before, const Entity& after) {
    if constexpr (requires { after.expires; })
        if (after.expires != before.expires) how = asking_if_past(std::move(how), after.expires);
}

inline std::vector<std::string> texts_of(const std::vector<named_target>& targets) {
    std::vector<std::string> texts;
    for (const auto& target : targets) texts.push_back(target.text);
    return texts;
}

/// Makes what is not there, and changes what differs. Nothing different is no change, with status 0 as well.
template <typename Entity>
int ensure_each(invocation& run, const target_flags& flags, const ensured<Entity>& what) {
    using kind = entity_kind<Entity>;
    plan_run how = ensuring<Entity>("ensure", flags);
    const auto plan_all = [&](const std::vector<named_target>& targets) {
        draft d(run.directory(), {.token = token_of(how.job, texts_of(targets))});
        foretelling<Entity> told(d, texts_of(targets), expected::either);
        for (const auto& target : targets)
            d.attempt(target.text, [&] {
                told.next();
                auto there = d.find<Entity>(target.parse(kind::parse));
                if (!there || !what.is_made(there->value)) return what.make(d, target, how);
                require_present(*there);
                const Entity before = there->value;
                what.change(d, *there);
                ask_if_past(how, before, there->value);
            });
        return std::move(d).take();
    };
    const plan first = plan_all(read_targets(flags.names, std::cin, std::string(kind::noun)));
    how.again = [&](const std::vector<std::string>& subjects) {
        std::vector<named_target> targets;
        for (const std::string& name : subjects) {
            targets.push_back({name});
            how.details.erase(name);
        }
        return plan_all(targets);
    };
    return carry_out(run, first, how);
}

} // namespace vmail::tools
