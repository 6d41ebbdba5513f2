#pragma once

#include <iostream>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <vmail/ldap/filter.hpp>
#include <vmail/printable.hpp>
#include <vmail/schema.hpp>

#include <cli/invocation.hpp>
#include <cli/report.hpp>
#include <cli/targets.hpp>

#include "change_limit.hpp"
#include "command.hpp"
#include "entity_fields.hpp"
#include "entity_kind.hpp"
#include "words.hpp"

/// The verbs that mean the same on every noun, written once.
namespace vmail::tools {

/// Which entries a verb is about.
struct target_flags {
    std::vector<std::string> names{};
    std::optional<std::string> filter{};
};

template <typename Entity>
void add_target_flags(CLI::App& verb, target_flags& flags) {
    using kind = entity_kind<Entity>;
    verb.add_option(std::string(kind::field), flags.names, fmt::format("{}, or - for standard input", kind::plural))->type_name("");
    verb.add_option("--filter", flags.filter, fmt::format("all {} that match this LDAP filter", kind::plural))->type_name("FILTER");
}

/// An entry to work on: already found by a filter, or still to be read.
template <typename Entity>
struct work_item {
    named_target target;
    std::optional<stored<Entity>> found{};

    stored<Entity> fetch(directory& d, bool removed_too) const {
        if (found) return *found;
        const auto name = target.parse(entity_kind<Entity>::parse);
        return removed_too ? entity_kind<Entity>::get(d, name) : get_present<Entity>(d, name);
    }
};

/// Thrown through the library's loops when nobody reads our output any more.
struct reader_has_gone {};

/// All entries that a filter matches, from a complete answer. One that cannot be read ends it: nobody knows what it is.
template <typename Entity>
std::vector<work_item<Entity>> find_matches(invocation& run, const std::string& filter, bool removed_too) {
    using kind = entity_kind<Entity>;
    std::vector<work_item<Entity>> items;
    const list_options options{.filter = ldap::filter::parse(filter), .removed = removed_too};
    kind::for_each(
        run.directory(), options,
        [&](stored<Entity>&& e) {
            auto name = kind::name(e.value);
            items.push_back({named_target{std::move(name)}, std::move(e)});
        },
        [](unreadable_entry&& bad) { throw invalid_value(bad.sentence, {.dn = bad.dn.text()}); });
    return items;
}

template <typename Entity>
std::vector<work_item<Entity>> collect_work(invocation& run, const target_flags& flags, bool removed_too) {
    if (flags.filter) {
        if (!flags.names.empty()) throw error(error_kind::usage, "give names or --filter, not both");
        return find_matches<Entity>(run, *flags.filter, removed_too);
    }
    std::vector<work_item<Entity>> items;
    for (auto& target : read_targets(flags.names, std::cin, std::string(entity_kind<Entity>::noun))) items.push_back({std::move(target)});
    return items;
}

/// The same for a verb that takes entries out of service.
template <typename Entity>
std::vector<work_item<Entity>> collect_drastic_work(invocation& run, const target_flags& flags, const change_limit_flag& limit, bool removed_too) {
    using kind = entity_kind<Entity>;
    auto items = collect_work<Entity>(run, flags, removed_too);
    if (flags.filter) check_change_limit(run, limit, items.size(), kind::object_class, kind::plural);
    return items;
}

/// "bob@example.org", or "3 mailboxes".
template <typename Entity>
std::string describe(const std::vector<work_item<Entity>>& items) {
    if (items.size() == 1) return printable(items.front().target.text);
    return fmt::format("{} {}", items.size(), entity_kind<Entity>::plural);
}

/// Does one thing to each entry and reports it.
template <typename Entity>
int change_each(invocation& run, const std::vector<work_item<Entity>>& items, bool removed_too,
                const std::function<outcome(directory&, stored<Entity>)>& change) {
    report said(run, entity_kind<Entity>::field);
    auto& d = run.directory();
    for (const auto& item : items)
        if (!said.attempt(item.target.text, [&] { return change(d, item.fetch(d, removed_too)); })) break;
    return said.finish();
}

template <typename Entity>
int change_each(invocation& run, const target_flags& flags, const std::function<outcome(directory&, stored<Entity>)>& change) {
    return change_each<Entity>(run, collect_work<Entity>(run, flags, false), false, change);
}

/// The same for what takes several entries out of service: each request, and the entry as it was, is in a journal.
template <typename Entity>
int change_each_on_record(invocation& run, const std::string& job, const std::vector<work_item<Entity>>& items, bool removed_too,
                          const std::function<outcome(directory&, stored<Entity>)>& change) {
    if (items.size() < 2) return change_each<Entity>(run, items, removed_too, change);
    run.keep_journal(job);
    return change_each<Entity>(run, items, removed_too, [&](directory& d, stored<Entity> e) {
        const auto before = e.source;
        try {
            const auto o = change(d, std::move(e));
            run.note_outcome({ldap::outcome::done, {}, false}, before);
            return o;
        } catch (const error& fault) {
            run.note_outcome({fault.in_doubt() ? ldap::outcome::unknown : ldap::outcome::not_done, {.code = fault.ldap_code()}, false}, before);
            throw;
        }
    });
}

struct show_flags {
    target_flags targets{};
    bool removed = false;
};

template <typename Entity>
int show_each(invocation& run, const show_flags& flags, std::span<const field_of<Entity>> all_fields) {
    const auto fields = choose_fields(all_fields, run.flags().fields, run.format(), table_shape::card);
    const auto out = make_output(run.format(), table_shape::card, run.out());
    auto& d = run.directory();
    const viewpoint view(d);
    tally counted;
    bool shown = false;
    for (const auto& item : collect_work<Entity>(run, flags.targets, flags.removed)) {
        try {
            const auto e = item.fetch(d, flags.removed);
            out->write(make_record(fields, e, view), &e.source);
            shown = true;
            counted.succeeded();
        } catch (const error& e) {
            counted.failed(e);
            run.err().failure(e);
        }
        if (counted.stopped()) break;
    }
    if (shown || counted.status() == 0) out->finish();
    return counted.status();
}

template <typename Entity>
void add_show(command_tree& tree, CLI::App& noun, std::span<const field_of<Entity>> fields) {
    using kind = entity_kind<Entity>;
    tree.add_verb<show_flags>(
        noun, "show", fmt::format("Show all about one or more {}", kind::plural), fmt::format("mailctl {} show {}", noun.get_name(), kind::example),
        [](CLI::App& verb, show_flags& flags) {
            add_target_flags<Entity>(verb, flags.targets);
            if (kind::can_be_marked) verb.add_flag("--removed", flags.removed, "also what is marked as removed");
        },
        [fields](invocation& run, const show_flags& flags) { return show_each<Entity>(run, flags, fields); });
}

struct list_flags {
    std::optional<std::string> domain{};
    std::optional<std::string> filter{};
    bool removed = false;
    bool active = false;
    bool disabled = false;
};

inline std::vector<ldap::filter> list_filters(const list_flags& flags) {
    std::vector<ldap::filter> filters;
    if (flags.filter) filters.push_back(ldap::filter::parse(*flags.filter));
    if (flags.removed) filters.push_back(ldap::filter::equal(schema::attr::delete_, "TRUE"));
    if (flags.active) filters.push_back(ldap::filter::equal(schema::attr::account_active, "TRUE"));
    if (flags.disabled) filters.push_back(ldap::filter::equal(schema::attr::account_active, "FALSE"));
    return filters;
}

/// What to list, and what of it to show.
struct list_choice : list_options {
    bool working = false; ///< only what is in service: a filter on an entry cannot see its domain
};

inline list_choice make_list_options(const list_flags& flags, std::vector<ldap::filter> filters = {}) {
    for (auto& f : list_filters(flags)) filters.push_back(std::move(f));
    list_choice options{{.removed = flags.removed}, flags.active};
    if (flags.domain) options.domain = domain_name::parse(*flags.domain);
    if (!filters.empty()) options.filter = ldap::filter::all_of(filters);
    return options;
}

/// Prints what the options find and `wanted` lets through, as it comes. An entry that cannot be read is a warning, and the status is 1 then.
template <typename Entity>
int list_all(
    invocation& run, const list_choice& options, std::span<const field_of<Entity>> all_fields,
    const std::function<bool(const Entity&)>& wanted = [](const Entity&) { return true; }) {
    const auto fields = choose_fields(all_fields, run.flags().fields, run.format(), table_shape::rows);
    const auto out = make_output(run.format(), table_shape::rows, run.out());
    auto& d = run.directory();
    const viewpoint view(d);
    int status = 0;
    try {
        entity_kind<Entity>::for_each(
            d, options,
            [&](stored<Entity>&& e) {
                if (!wanted(e.value) || (options.working && !view.service(e.value).in_service)) return;
                out->write(make_record(fields, e, view), &e.source);
                if (run.out().is_broken()) throw reader_has_gone{};
            },
            [&](unreadable_entry&& bad) {
                status = 1;
                run.err().warning(bad.sentence);
            });
    } catch (const reader_has_gone&) {
        return status;
    }
    out->finish();
    return status;
}

template <typename Entity>
void add_list_flags(CLI::App& verb, list_flags& flags) {
    using kind = entity_kind<Entity>;
    if constexpr (!std::is_same_v<Entity, domain>) verb.add_option("--domain", flags.domain, "of this domain alone")->type_name("DOMAIN");
    verb.add_option("--filter", flags.filter, "those that match this LDAP filter")->type_name("FILTER");
    if (kind::can_be_marked) verb.add_flag("--removed", flags.removed, "those that are marked as removed, instead of the others");
    auto* const active = verb.add_flag("--active", flags.active, "those that are in service");
    verb.add_flag("--disabled", flags.disabled, "those that are disabled themselves")->excludes(active);
}

template <typename Entity>
void add_list(command_tree& tree, CLI::App& noun, std::span<const field_of<Entity>> fields) {
    using kind = entity_kind<Entity>;
    tree.add_verb<list_flags>(noun, "list", fmt::format("List {}", kind::plural), fmt::format("mailctl {} list -o name", noun.get_name()),
                              add_list_flags<Entity>,
                              [fields](invocation& run, const list_flags& flags) { return list_all<Entity>(run, make_list_options(flags), fields); });
}

struct disable_flags {
    target_flags targets{};
    change_limit_flag max_changes{};
    std::string reason{vmail::reason::manual};
    std::string comment{};
};

template <typename Entity>
int disable_each(invocation& run, const disable_flags& flags) {
    const auto reason = parse_reason(flags.reason);
    const auto items = collect_drastic_work<Entity>(run, flags.targets, flags.max_changes, false);
    if (entity_kind<Entity>::disabling_is_drastic && !run.confirm(fmt::format("disable {}?", describe(items)))) return 1;
    return change_each_on_record<Entity>(run, "disable", items, false, [&](directory& d, stored<Entity> e) {
        return changed_or_not(d.disable(std::move(e), reason, flags.comment), "disabled");
    });
}

template <typename Entity>
void add_enable_and_disable(command_tree& tree, CLI::App& noun) {
    using kind = entity_kind<Entity>;
    tree.add_verb<target_flags>(
        noun, "enable", fmt::format("Let {} work again", kind::plural), fmt::format("mailctl {} enable {}", kind::noun, kind::example),
        add_target_flags<Entity>, [](invocation& run, const target_flags& flags) {
            return change_each<Entity>(run, flags, [](directory& d, stored<Entity> e) { return changed_or_not(d.enable(std::move(e)), "enabled"); });
        });
    tree.add_verb<disable_flags>(
        noun, "disable", fmt::format("Stop {}, and record why", kind::plural),
        fmt::format("mailctl {} disable {} --reason compromised", kind::noun, kind::example),
        [](CLI::App& verb, disable_flags& flags) {
            add_target_flags<Entity>(verb, flags.targets);
            add_change_limit_flag(verb, flags.max_changes);
            verb.add_option("--reason", flags.reason, "manual (the default), compromised, or a word of your own")->type_name("WORD");
            verb.add_option("--comment", flags.comment, "for those who read the entry later")->type_name("TEXT");
        },
        disable_each<Entity>);
}

struct remove_flags {
    target_flags targets{};
    change_limit_flag max_changes{};
    bool now = false;
};

/// What still points at an entry that goes away.
void note_references(invocation& run, directory& d, const mailbox& m);
void note_references(invocation& run, directory& d, const alias& a);
inline void note_references(invocation&, directory&, const domain&) {}

template <typename Entity>
outcome remove_one(invocation& run, directory& d, stored<Entity> e, bool for_good) {
    const Entity gone = e.value;
    outcome o{"removed"};
    if (for_good) {
        d.remove(e);
    } else {
        if constexpr (entity_kind<Entity>::can_be_marked) o = changed_or_not(d.mark_removed(std::move(e)), "removed");
    }
    if (o.changed) note_references(run, d, gone);
    return o;
}

template <typename Entity>
int remove_each(invocation& run, const remove_flags& flags) {
    const bool for_good = flags.now || !entity_kind<Entity>::can_be_marked;
    const auto items = collect_drastic_work<Entity>(run, flags.targets, flags.max_changes, flags.now);
    if (!run.confirm(fmt::format("remove {}{}?", describe(items), for_good ? " for good" : ""))) return 1;
    return change_each_on_record<Entity>(run, "remove", items, flags.now,
                                         [&](directory& d, stored<Entity> e) { return remove_one(run, d, std::move(e), for_good); });
}

template <typename Entity>
void add_remove(command_tree& tree, CLI::App& noun) {
    using kind = entity_kind<Entity>;
    tree.add_verb<remove_flags>(
        noun, "remove",
        kind::can_be_marked ? fmt::format("Mark {} as removed, or take them away for good", kind::plural)
                            : fmt::format("Take {} away for good", kind::plural),
        fmt::format("mailctl {} remove {}", kind::noun, kind::example),
        [](CLI::App& verb, remove_flags& flags) {
            add_target_flags<Entity>(verb, flags.targets);
            add_change_limit_flag(verb, flags.max_changes);
            if (kind::can_be_marked) verb.add_flag("--now", flags.now, "delete the entry; restore cannot bring it back");
        },
        remove_each<Entity>);
}

template <typename Entity>
void add_restore(command_tree& tree, CLI::App& noun) {
    using kind = entity_kind<Entity>;
    tree.add_verb<target_flags>(noun, "restore", fmt::format("Bring {} back that are marked as removed", kind::plural),
                                fmt::format("mailctl {} restore {}", kind::noun, kind::example), add_target_flags<Entity>,
                                [](invocation& run, const target_flags& flags) {
                                    return change_each<Entity>(run, collect_work<Entity>(run, flags, true), true, [](directory& d, stored<Entity> e) {
                                        return changed_or_not(d.restore(std::move(e)), "restored");
                                    });
                                });
}

} // namespace vmail::tools
