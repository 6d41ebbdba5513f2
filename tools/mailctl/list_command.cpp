#include <algorithm>

#include <fmt/format.h>

#include <vmail/mailing_list.hpp>

#include "ensure.hpp"
#include "entity_verbs.hpp"
#include "target_list.hpp"

namespace vmail::tools {

namespace {

void add_lists_domain_option(CLI::App& verb, std::optional<std::string>& lists_domain) {
    verb.add_option("--lists-domain", lists_domain, "where Mailman gets its mail (lists-domain in mailctl.conf)")->type_name("DOMAIN");
}

// add

struct list_add_flags {
    std::string name{};
    std::vector<std::string> owners{};
    std::string description{};
    std::optional<std::string> lists_domain{};
};

domain_name lists_domain_for(invocation& run, const std::optional<std::string>& given) {
    if (given) return domain_name::parse(*given);
    if (const auto& set = run.configuration().lists_domain) return *set;
    throw error(error_kind::usage, "nothing says which domain the list server has", {.hint = "give --lists-domain, or set lists-domain in mailctl.conf"});
}

int add_mailing_list(invocation& run, const list_add_flags& flags) {
    mailing_list made(address::parse(flags.name));
    made.lists_domain = lists_domain_for(run, flags.lists_domain);
    made.owners = parse_targets(flags.owners);
    made.description = flags.description;
    const plan_run how{.job = "mailinglist add", .field = "address", .plural = "mailing lists", .question = question::never};
    draft d(run.directory(), {.token = token_of(how.job, {flags.name})});
    d.attempt(flags.name, [&] { d.add(made); });
    return carry_out(run, std::move(d).take(), how);
}

void add_add(command_tree& tree, CLI::App& noun) {
    tree.add_verb<list_add_flags>(
        noun, "add", "Make the addresses of a list that Mailman serves: its own and nine service addresses, which lead to the domain of the list server",
        "mailctl mailinglist add staff@example.org --owner bob@example.org --lists-domain lists.example.org",
        [](CLI::App& verb, list_add_flags& flags) {
            verb.add_option("address", flags.name, "the address of the list")->type_name("")->required();
            add_addresses_option(verb, "--owner", flags.owners, "whom to ask about it; repeat it for several");
            verb.add_option("--description", flags.description, "for people")->type_name("TEXT");
            add_lists_domain_option(verb, flags.lists_domain);
        },
        add_mailing_list);
}

// set

struct list_set_flags {
    target_flags targets{};
    target_list_flags owners{};
    std::optional<std::string> description{};
    std::optional<std::string> lists_domain{};
};

void add_what_is_known_of(CLI::App& verb, list_set_flags& flags) {
    add_addresses_option(verb, "--owner", flags.owners.exactly, "whom to ask about it; repeat it for several");
    add_addresses_option(verb, "--add-owner", flags.owners.add, "ask this one as well");
    add_addresses_option(verb, "--remove-owner", flags.owners.remove, "do not ask this one any more");
    verb.add_option("--description", flags.description, "for people")->type_name("TEXT");
    add_lists_domain_option(verb, flags.lists_domain);
}

/// What the flags change of a list.
class list_changes {
public:
    explicit list_changes(const list_set_flags& flags)
        : owners_(flags.owners, "owner"), description_(flags.description), lists_domain_(flags.lists_domain ? std::optional(domain_name::parse(*flags.lists_domain)) : std::nullopt) {}

    bool empty() const { return owners_.empty() && !description_ && !lists_domain_; }
    void apply(mailing_list& l) const {
        owners_.apply(l.owners);
        if (description_) l.description = *description_;
        if (lists_domain_) l.lists_domain = lists_domain_;
    }

private:
    target_list_changes owners_;
    std::optional<std::string> description_;
    std::optional<domain_name> lists_domain_;
};

int set_mailing_lists(invocation& run, const list_set_flags& flags) {
    const list_changes wanted(flags);
    if (wanted.empty()) throw error(error_kind::usage, "there is nothing to set", {.hint = "mailctl mailinglist set --help"});
    const auto how = run_of<mailing_list>("set", flags.targets);
    const auto items = collect_work<mailing_list>(run, flags.targets, false);
    return carry_out(run, plan_each<mailing_list>(run, how.job, items, false, [&](draft& d, stored<mailing_list>& l) {
        wanted.apply(l.value);
        d.set(l);
    }), how);
}

void add_set(command_tree& tree, CLI::App& noun) {
    tree.add_verb<list_set_flags>(
        noun, "set", "Change what is known of mailing lists, or which list server has them", "mailctl mailinglist set staff@example.org --add-owner ann@example.org",
        [](CLI::App& verb, list_set_flags& flags) {
            add_work_flags<mailing_list>(verb, flags.targets);
            add_what_is_known_of(verb, flags);
        },
        set_mailing_lists);
}

// ensure

int ensure_mailing_lists(invocation& run, const list_set_flags& flags) {
    const list_changes wanted(flags);
    return ensure_each<mailing_list>(run, flags.targets,
                                     {[&](draft& d, const named_target& target, plan_run&) {
                                          mailing_list made(target.parse(address::parse));
                                          made.lists_domain = lists_domain_for(run, flags.lists_domain);
                                          wanted.apply(made);
                                          d.add(made);
                                      },
                                      [&](draft& d, stored<mailing_list>& l) {
                                          if (!l->missing.empty() && l->lists_domain) d.add(l.value);
                                          auto now = d.get<mailing_list>(l->address);
                                          wanted.apply(now.value);
                                          d.set(now);
                                      }});
}

void add_ensure(command_tree& tree, CLI::App& noun) {
    tree.add_verb<list_set_flags>(
        noun, "ensure", "Make mailing lists that are not there or not whole, and change what differs", "mailctl mailinglist ensure staff@example.org --lists-domain lists.example.org -o json",
        [](CLI::App& verb, list_set_flags& flags) {
            add_ensured_flags<mailing_list>(verb, flags.targets);
            add_what_is_known_of(verb, flags);
        },
        ensure_mailing_lists);
}

// rename

struct list_rename_flags {
    std::string from{};
    std::string to{};
    bool keep_alias = false;
};

int rename_mailing_list(invocation& run, const list_rename_flags& flags) {
    const auto from = address::parse(flags.from);
    const auto to = address::parse(flags.to);
    draft d(run.directory(), {.token = token_of("mailinglist rename", {from.text(), to.text()})});
    d.attempt(flags.from, [&] { d.rename_list(from, to, {.keep_alias = flags.keep_alias}); });
    const plan p = std::move(d).take();
    const auto led_over = std::count_if(p.changes.begin(), p.changes.end(), [](const planned_change& c) { return c.action == "led over"; });
    const plan_run how{.job = "mailinglist rename",
                       .field = "address",
                       .plural = "mailing lists",
                       .question = question::never,
                       .details = {{from.text(), {{"to", to.text()}, {"references", static_cast<std::int64_t>(led_over)}}}}};
    return carry_out_with_latecomers(run, p, how, [&] {
        draft rest(run.directory());
        rest.lead_over_latecomers_of_list(from, to);
        return std::move(rest).take();
    });
}

void add_rename(command_tree& tree, CLI::App& noun) {
    tree.add_verb<list_rename_flags>(
        noun, "rename", "Give a mailing list another address; what sends mail to it follows, and Mailman has to know it by the new name",
        "mailctl mailinglist rename staff@example.org team@example.org",
        [](CLI::App& verb, list_rename_flags& flags) {
            verb.add_option("address", flags.from, "the mailing list")->type_name("")->required();
            verb.add_option("new-address", flags.to, "its new address")->type_name("")->required();
            verb.add_flag("--keep-alias", flags.keep_alias, "the old address stays, as an alias to the new one");
        },
        rename_mailing_list);
}

} // namespace

void add_mailing_list_commands(command_tree& tree) {
    auto& noun = tree.add_noun("mailinglist", "Mailing lists of Mailman: their addresses here");
    noun.alias("ml");
    add_list<mailing_list>(tree, noun, mailing_list_fields());
    add_show<mailing_list>(tree, noun, mailing_list_fields());
    add_add(tree, noun);
    add_set(tree, noun);
    add_ensure(tree, noun);
    add_enable_and_disable<mailing_list>(tree, noun);
    add_remove<mailing_list>(tree, noun);
    add_rename(tree, noun);
}

} // namespace vmail::tools
