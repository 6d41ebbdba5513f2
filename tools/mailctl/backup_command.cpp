#include <fmt/format.h>

#include "ensure.hpp"
#include "entity_verbs.hpp"
#include "other_attributes.hpp"

namespace vmail::tools {

namespace {

struct backup_flags {
    target_flags targets{};
    std::optional<std::string> description{};
};

void add_description(CLI::App& verb, backup_flags& flags) { verb.add_option("--description", flags.description, "for people")->type_name("TEXT"); }

template <typename Entity>
int add_each(invocation& run, const backup_flags& flags) {
    using kind = entity_kind<Entity>;
    const plan_run how{.job = fmt::format("{} add", kind::noun), .field = kind::field, .plural = kind::plural, .question = question::never};
    draft d(run.directory());
    made_once names;
    for (const auto& target : read_targets(flags.targets.names, std::cin, std::string(kind::noun)))
        d.attempt(target.text, [&] {
            Entity made(target.parse(kind::parse));
            names.require(kind::name(made));
            made.description = flags.description.value_or("");
            d.add(made);
        });
    return carry_out(run, std::move(d).take(), how);
}

template <typename Entity>
int set_each(invocation& run, const backup_flags& flags) {
    if (!flags.description) throw error(error_kind::usage, "there is nothing to set", {.hint = fmt::format("mailctl {} set --help", entity_kind<Entity>::noun)});
    return change_each<Entity>(run, "set", flags.targets, "changed", [&](directory&, stored<Entity>& e) { e->description = *flags.description; });
}

template <typename Entity>
int ensure_all(invocation& run, const backup_flags& flags) {
    return ensure_each<Entity>(run, flags.targets,
                               {[&](draft& d, const named_target& target, plan_run&) {
                                    Entity made(target.parse(entity_kind<Entity>::parse));
                                    made.description = flags.description.value_or("");
                                    d.add(made);
                                },
                                [&](draft& d, stored<Entity>& e) {
                                    if (flags.description) e->description = *flags.description;
                                    d.update(e, "changed");
                                }});
}

template <typename Entity>
void add_verbs(command_tree& tree, CLI::App& noun, std::span<const field_of<Entity>> fields, const std::string& what_is_made) {
    using kind = entity_kind<Entity>;
    add_list<Entity>(tree, noun, fields);
    add_show<Entity>(tree, noun, fields);
    tree.add_verb<backup_flags>(
        noun, "add", what_is_made, fmt::format("mailctl {} add {}", kind::noun, kind::example),
        [](CLI::App& verb, backup_flags& flags) {
            verb.add_option(std::string(kind::field), flags.targets.names, fmt::format("{}, or - for standard input", kind::plural))->type_name("");
            add_description(verb, flags);
        },
        add_each<Entity>);
    tree.add_verb<backup_flags>(
        noun, "set", fmt::format("Change what is known of {}", kind::plural), fmt::format("mailctl {} set {} --description \"moves in May\"", kind::noun, kind::example),
        [](CLI::App& verb, backup_flags& flags) {
            add_work_flags<Entity>(verb, flags.targets);
            add_description(verb, flags);
        },
        set_each<Entity>);
    tree.add_verb<backup_flags>(
        noun, "ensure", fmt::format("Make {} that are not there, and change what differs", kind::plural), fmt::format("mailctl {} ensure {} -o json", kind::noun, kind::example),
        [](CLI::App& verb, backup_flags& flags) {
            add_ensured_flags<Entity>(verb, flags.targets);
            add_description(verb, flags);
        },
        ensure_all<Entity>);
    add_enable_and_disable<Entity>(tree, noun);
    add_remove<Entity>(tree, noun);
}

} // namespace

void add_backup_commands(command_tree& tree) {
    add_verbs<backup_domain>(tree, tree.add_noun("backup-domain", "Domains that mail is only taken for and handed on"), backup_domain_fields(),
                             "Take mail for domains whose own servers are elsewhere");
    add_verbs<backup_mail>(tree, tree.add_noun("backup-mail", "Addresses taken in backup domains; @domain is all of one"), backup_mail_fields(),
                           "Take mail for addresses of backup domains");
}

} // namespace vmail::tools
