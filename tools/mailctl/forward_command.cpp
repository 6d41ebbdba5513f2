#include "ensure.hpp"
#include "entity_verbs.hpp"
#include "target_list.hpp"

namespace vmail::tools {

namespace {

struct set_flags {
    target_flags names{};
    target_list_flags targets{};
    std::optional<bool> keep_copy{};
};

/// A kept copy stays kept when only the targets change, and the other way round.
void change_forward(mailbox& m, const target_list_changes& targets, const std::optional<bool>& keep_copy) {
    const bool kept = m.forward.active && m.forward.keeps_copy(m.address);
    auto elsewhere = m.forward.elsewhere(m.address);
    targets.apply(elsewhere);
    m.forward.targets = std::move(elsewhere);
    const bool names_itself = m.forward.keeps_copy(m.address);
    m.forward.set_keep_copy(m.address, keep_copy.value_or(kept || names_itself));
    if (m.forward.elsewhere(m.address).empty())
        throw invalid_value(fmt::format("{} would forward to itself alone", printable(m.address.text())),
                            {.hint = "\"mailctl forward clear\" ends a forward"});
    m.forward.active = true;
}

int change_forwards(invocation& run, const plan_run& how, const set_flags& flags) {
    const target_list_changes wanted(flags.targets);
    if (wanted.empty() && !flags.keep_copy) throw error(error_kind::usage, "there is nothing to set", {.hint = "mailctl forward --help"});
    return change_each<mailbox>(run, how, flags.names, "changed", [&](directory&, stored<mailbox>& m) { change_forward(m.value, wanted, flags.keep_copy); },
                                fields_named(forward_fields(), {"forward_targets", "keep_copy"}));
}

void add_changes(CLI::App& verb, set_flags& flags) {
    add_target_list_flags(verb, flags.targets);
    add_switch(verb, "--keep-copy", "--no-keep-copy", flags.keep_copy, "in the mailbox as well");
}

int clear_forwards(invocation& run, const target_flags& flags) {
    return change_each<mailbox>(run, "forward clear", flags, "cleared", [](directory&, stored<mailbox>& m) { m->forward = {}; });
}

} // namespace

void add_forward_commands(command_tree& tree) {
    auto& noun = tree.add_noun("forward", "Where mailboxes send their mail on to");
    add_list<mailbox>(tree, noun, forward_fields(), "mailboxes that send their mail on", ldap::filter::equal(schema::attr::forward_active, "TRUE"));
    add_show<mailbox>(tree, noun, forward_fields());
    add_set_and_ensure<set_flags>(
        tree, noun, {"Send the mail of mailboxes on", "mailctl forward set bob@example.org --target bob@example.net --keep-copy"},
        {"Have the mail of mailboxes sent on, where it is not yet", "mailctl forward ensure bob@example.org --target bob@example.net -o json"}, add_changes, change_forwards);
    tree.add_verb<target_flags>(noun, "clear", "Send it on no more", "mailctl forward clear bob@example.org", add_work_flags<mailbox>,
                                clear_forwards);
}

} // namespace vmail::tools
