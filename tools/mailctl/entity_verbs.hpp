#pragma once

#include <algorithm>
#include <iostream>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <vmail/draft.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/printable.hpp>
#include <vmail/schema.hpp>
#include <vmail/service_change.hpp>

#include <cli/counted.hpp>
#include <cli/invocation.hpp>
#include <cli/ordering.hpp>
#include <cli/plan_run.hpp>
#include <cli/report.hpp>
#include <cli/targets.hpp>

#include "command.hpp"
#include "after_restore.hpp"
#include "entity_fields.hpp"
#include "entity_kind.hpp"
#include "foretelling.hpp"
#include "sight.hpp"
#include "words.hpp"

/// The verbs that mean the same on every noun, written once.
namespace vmail::tools {

/// Which entries a verb is about.
struct target_flags {
    std::vector<std::string> names{};
    std::optional<std::string> filter{};
    std::optional<std::string> max_changes{}; ///< of a verb that changes them
};

template <typename Entity>
void add_target_flags(CLI::App& verb, target_flags& flags) {
    using kind = entity_kind<Entity>;
    verb.add_option(std::string(kind::field), flags.names, fmt::format("{}, or - for standard input", kind::plural))->type_name("");
    verb.add_option("--filter", flags.filter, fmt::format("all {} that match this LDAP filter", kind::plural))->type_name("FILTER");
}

/// The same for a verb that changes them.
template <typename Entity>
void add_work_flags(CLI::App& verb, target_flags& flags) {
    add_target_flags<Entity>(verb, flags);
    verb.add_option("--max-changes", flags.max_changes, "the most that may change at once; \"none\": no limit. Without it 10, or 1 % of all mailboxes if that is more")
        ->type_name("N");
}

/// An entry to work on: already found by a filter, or still to be read.
template <typename Entity>
struct work_item {
    named_target target;
    std::optional<stored<Entity>> found{};

    stored<Entity> fetch(directory& d, bool removed_too) const {
        return fetch_from(removed_too, [&](const auto& name) { return d.get<Entity>(name); });
    }
    /// As the draft's plan leaves it.
    stored<Entity> fetch(draft& d, bool removed_too) const {
        return fetch_from(removed_too, [&](const auto& name) { return d.get<Entity>(name); });
    }

private:
    template <typename Get> stored<Entity> fetch_from(bool removed_too, const Get& get) const {
        stored<Entity> e = found ? *found : get(target.parse(entity_kind<Entity>::parse));
        if (!removed_too) require_present(e);
        return e;
    }
};

/// Thrown through the library's loops when nobody reads our output any more.
struct reader_has_gone {};

/// A filter that was typed. One that the server cannot answer would find nothing, and pass for a success.
inline ldap::filter typed_filter(invocation& run, const std::string& text) {
    auto f = ldap::filter::parse(text);
    run.session().require_answerable(f);
    return f;
}

/// All entries that a filter matches, from a complete answer. One that cannot be read ends it: nobody knows what it is.
template <typename Entity>
std::vector<work_item<Entity>> find_matches(invocation& run, const std::string& filter, bool removed_too) {
    using kind = entity_kind<Entity>;
    std::vector<work_item<Entity>> items;
    const list_options options{.filter = typed_filter(run, filter), .removed = removed_too};
    auto all = run.directory().list<Entity>(options);
    if (!all.unreadable.empty()) throw invalid_value(all.unreadable.front().sentence, {.dn = all.unreadable.front().dn.text()});
    for (auto& e : all.items) {
        auto name = kind::name(e.value);
        items.push_back({named_target{std::move(name)}, std::move(e)});
    }
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

/// Whether the name of an entity is told without the entity, and what is done to one takes nothing but itself.
template <typename Entity> constexpr bool stands_alone = std::is_same_v<Entity, mailbox> || std::is_same_v<Entity, alias>;

/// What a verb is to work on: entries, or the names alone where there are more than are planned at once.
template <typename Entity>
struct work {
    std::vector<work_item<Entity>> items{};
    std::vector<std::string> names{};

    void take(stored<Entity>&& e) {
        auto name = entity_kind<Entity>::name(e.value);
        if (stands_alone<Entity> && items.size() == most_in_part) keep_names_alone();
        if (names.empty()) items.push_back({named_target{std::move(name)}, std::move(e)});
        else names.push_back(std::move(name));
    }

private:
    void keep_names_alone() {
        for (auto& item : std::exchange(items, {})) names.push_back(std::move(item.target.text));
    }
};

/// As find_matches(), but of very many the names.
template <typename Entity>
work<Entity> find_work(invocation& run, const std::string& filter) {
    work<Entity> found;
    std::optional<unreadable_entry> bad;
    run.directory().for_each<Entity>(
        {.filter = typed_filter(run, filter)}, [&](stored<Entity>&& e) { found.take(std::move(e)); },
        [&](unreadable_entry&& e) {
            if (!bad) bad = std::move(e);
        });
    if (bad) throw invalid_value(bad->sentence, {.dn = bad->dn.text()});
    return found;
}

/// Those of the names that the filter matches still, read many at a time. What is found twice is left to be looked for on its own.
template <typename Entity>
std::vector<work_item<Entity>> items_read(directory& d, std::span<const std::string> names, const ldap::filter& still) {
    constexpr std::size_t most_at_once = 100;
    std::unordered_map<std::string, std::optional<stored<Entity>>> found;
    for (auto left = names; !left.empty(); left = left.subspan(std::min(left.size(), most_at_once))) {
        std::vector<ldap::filter> any;
        for (const std::string& name : left.first(std::min(left.size(), most_at_once))) any.push_back(ldap::filter::equal(schema::attr::mail, name));
        d.for_each<Entity>(
            {.filter = ldap::filter::all_of({still, ldap::filter::any_of(any)})},
            [&](stored<Entity>&& e) {
                const auto [at, is_first] = found.try_emplace(entity_kind<Entity>::name(e.value), std::move(e));
                if (!is_first) at->second.reset();
            },
            [](unreadable_entry&&) {});
    }
    std::vector<work_item<Entity>> items;
    for (const std::string& name : names)
        if (const auto at = found.find(name); at != found.end()) items.push_back({named_target{name}, std::move(at->second)});
    return items;
}

template <typename Entity>
std::vector<work_item<Entity>> items_named(const std::vector<std::string>& names) {
    std::vector<work_item<Entity>> items;
    for (const std::string& name : names) items.push_back({named_target{name}});
    return items;
}

/// What a verb of the noun does, before anybody says more: its journal is called "mailbox set".
template <typename Entity>
plan_run run_of(const std::string& verb, const target_flags& flags) {
    using kind = entity_kind<Entity>;
    return {.job = fmt::format("{} {}", kind::noun, verb), .field = kind::field, .plural = kind::plural, .ask = verb + " {}?", .max_changes = flags.max_changes};
}

/// Plans one thing for each entry. One that cannot be is a fault in the plan.
template <typename Entity>
plan plan_each(invocation& run, const std::string& job, const std::vector<work_item<Entity>>& items, bool removed_too,
               const std::function<void(draft&, stored<Entity>&)>& plan_one) {
    std::vector<std::string> names;
    for (const auto& item : items) names.push_back(item.target.text);
    draft d(run.directory(), {.token = token_of(job, names)});
    foretelling<Entity> told(d, std::move(names), expected::present);
    for (const auto& item : items)
        d.attempt(item.target.text, [&] {
            if (!item.found) told.next();
            stored<Entity> e = item.fetch(d, removed_too);
            plan_one(d, e);
        });
    return std::move(d).take();
}

/// Plans what the flags name, and carries it out: in parts where a filter matches very many.
template <typename Entity>
int carry_out_each(invocation& run, plan_run& how, const target_flags& flags, const std::function<plan(const std::vector<work_item<Entity>>&)>& plan_all) {
    if constexpr (stands_alone<Entity>) {
        if (flags.filter && flags.names.empty()) {
            const auto found = find_work<Entity>(run, *flags.filter);
            if (found.names.empty()) return carry_out(run, plan_all(found.items), how);
            const auto plan_part = [&](std::span<const std::string> names) {
                how.details.clear();
                return plan_all(items_read<Entity>(run.directory(), names, ldap::filter::parse(*flags.filter)));
            };
            return carry_out_in_parts(run, found.names, plan_part, how);
        }
    }
    return carry_out(run, plan_all(collect_work<Entity>(run, flags, false)), how);
}

/// Changes each entry in one way, and says what it is then.
template <typename Entity>
int change_each(invocation& run, plan_run how, const target_flags& flags, const std::string& action,
                const std::function<void(directory&, stored<Entity>&)>& change, const std::vector<const field_of<Entity>*>& told = {}) {
    const viewpoint view(run.directory().site());
    const auto plan_all = [&](const std::vector<work_item<Entity>>& items) {
        return plan_each<Entity>(run, how.job, items, false, [&](draft& d, stored<Entity>& e) {
            change(d.where(), e);
            d.update(e, action);
            if (!told.empty()) how.details[text_of(e.value)] = make_record(told, e, view);
        });
    };
    if (how.looks_again) how.again = [&](const std::vector<std::string>& subjects) { return plan_all(items_named<Entity>(subjects)); };
    return carry_out_each<Entity>(run, how, flags, plan_all);
}

template <typename Entity>
int change_each(invocation& run, const std::string& verb, const target_flags& flags, const std::string& action,
                const std::function<void(directory&, stored<Entity>&)>& change, const std::vector<const field_of<Entity>*>& told = {}) {
    return change_each<Entity>(run, run_of<Entity>(verb, flags), flags, action, change, told);
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
    read_for(d, fields);
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
            run.err().failure(run.explained(e, item.target.text));
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

/// The fields of those names.
template <typename Entity>
std::vector<const field_of<Entity>*> fields_named(std::span<const field_of<Entity>> all, const std::vector<std::string>& names) {
    return names.empty() ? std::vector<const field_of<Entity>*>{} : choose_fields(all, names, output_format::json, table_shape::rows);
}

template <typename Entity>
std::vector<std::string_view> all_names(std::span<const field_of<Entity>> all) {
    std::vector<std::string_view> names;
    for (const auto& f : all) names.push_back(f.name);
    return names;
}

inline std::vector<std::string> names_of(const std::vector<sort_field>& sort) {
    std::vector<std::string> names;
    for (const auto& f : sort) names.emplace_back(f.name);
    return names;
}

inline void add_order_flags(CLI::App& verb, order_flags& order) {
    verb.add_option("--sort", order.sort, "by these fields, separated by commas; -FIELD from the last to the first")->type_name("FIELDS")->delimiter(',')->allow_extra_args(false);
    verb.add_option("--limit", order.limit, "show so many, and say when there are more; 0 or none: all")->type_name("N");
}

struct list_flags {
    std::optional<std::string> domain{};
    std::optional<std::string> filter{};
    bool removed = false;
    bool active = false;
    bool disabled = false;
    order_flags order{};
};

inline std::vector<ldap::filter> list_filters(invocation& run, const list_flags& flags) {
    std::vector<ldap::filter> filters;
    if (flags.filter) filters.push_back(typed_filter(run, *flags.filter));
    if (flags.removed) filters.push_back(ldap::filter::equal(schema::attr::delete_, "TRUE"));
    if (flags.active) filters.push_back(ldap::filter::equal(schema::attr::account_active, "TRUE"));
    if (flags.disabled) filters.push_back(ldap::filter::equal(schema::attr::account_active, "FALSE"));
    return filters;
}

/// What to list, and what of it to show.
struct list_choice : list_options {
    bool working = false; ///< only what is in service: a filter on an entry cannot see its domain
    order_flags order{};
    bool counts_all = false; ///< also what is beyond the limit is looked at
};

inline list_choice make_list_options(invocation& run, const list_flags& flags, std::vector<ldap::filter> filters = {}) {
    for (auto& f : list_filters(run, flags)) filters.push_back(std::move(f));
    list_choice options{{.removed = flags.removed}, flags.active, flags.order};
    if (flags.domain) options.domain = domain_name::parse(*flags.domain);
    if (!filters.empty()) options.filter = ldap::filter::all_of(filters);
    return options;
}

/// Whether one is shown, for what the entity alone does not tell.
template <typename Entity>
using chooser = std::function<bool(const stored<Entity>&, const viewpoint&)>;

/// Thrown through the library's loops when all that was asked for was shown.
struct enough_is_shown {};

/// A list that was cut by --limit is no answer to "which are there?".
inline void warn_of_limit(invocation& run, const ordered_rows& rows, const order_flags& order) {
    if (!rows.has_left_out()) return;
    const bool is_counted = !order.sort.empty();
    run.err().warning(is_counted ? fmt::format("these are {} of {}, as --limit wants it", *order.limit, rows.seen()) : fmt::format("there are more than these {}, as --limit wants it", *order.limit));
}

template <typename Entity>
std::vector<value> sort_keys(const std::vector<const field_of<Entity>*>& fields, const stored<Entity>& e, const viewpoint& view) {
    std::vector<value> keys;
    for (const auto* f : fields) keys.push_back(sort_key(f->name, value_of(*f, e, view)));
    return keys;
}

/// Prints what the options find, and `wanted` and `choose` (empty: anything) let through, as it comes. An entry that cannot be read is a warning, and the status
/// is 1 then.
template <typename Entity>
int list_all(invocation& run, const list_choice& options, std::span<const field_of<Entity>> all_fields, const std::function<bool(const Entity&)>& wanted = {}, const chooser<Entity>& choose = {}) {
    const auto fields = choose_fields(all_fields, run.flags().fields, run.format(), table_shape::rows);
    const auto sort = parse_sort(options.order.sort, all_names(all_fields));
    const auto sorted_by = fields_named(all_fields, names_of(sort));
    const auto limit = options.order.limit ? parse_most_shown(*options.order.limit) : std::nullopt;
    const auto out = make_output(run.format(), table_shape::rows, run.out(), run.flags().verbose);
    out->announce(names_of(fields));
    ordered_rows rows(*out, sort, limit);
    auto& d = run.directory();
    read_for(d, fields);
    read_for(d, sorted_by);
    const viewpoint view(d);
    int status = 0;
    std::size_t odd = 0;
    const auto show = [&](const std::function<void()>& add) {
        if (rows.is_full() && !options.counts_all) {
            rows.add({}, {}, nullptr); // there is one more
            throw enough_is_shown{};
        }
        add();
        if (run.out().is_broken()) throw reader_has_gone{};
    };
    const auto visit = [&](stored<Entity>&& e) {
        if (!e->problems.empty()) ++odd; // also where a date that is none keeps it out of the list
        if ((wanted && !wanted(e.value)) || (options.working && !view.service(e.value).in_service) || (choose && !choose(e, view))) return;
        show([&] { rows.add(make_record(fields, e, view), sort_keys(sorted_by, e, view), &e.source); });
    };
    const auto unreadable = [&](unreadable_entry&& bad) {
        status = 1;
        run.err().warning(bad.sentence);
    };
    const bool needs_entity = run.format() != output_format::name || !run.flags().fields.empty() || !sort.empty() || wanted || choose || options.working;
    try {
        if constexpr (stands_alone<Entity>) {
            if (needs_entity) d.for_each<Entity>(options, visit, unreadable);
            else d.for_each_name<Entity>(options, [&](name_of<Entity>&& name) { show([&] { rows.add({{fields.front()->name, name.text()}}, {}, nullptr); }); }, unreadable);
        } else d.for_each<Entity>(options, visit, unreadable);
    } catch (const reader_has_gone&) {
        return status;
    } catch (const enough_is_shown&) { // what is beyond was not asked for
    }
    rows.flush();
    out->finish();
    warn_of_limit(run, rows, options.order);
    if (rows.seen() == 0) note_sight(run, "listed");
    if (odd > 0)
        run.err().note(fmt::format("{} {} values that the schema means otherwise, shown as \"?\": the field problems says which", counted(odd, "entries"), odd == 1 ? "has" : "have"));
    return status;
}

template <typename Entity>
void add_list_flags(CLI::App& verb, list_flags& flags) {
    using kind = entity_kind<Entity>;
    if constexpr (!std::is_same_v<name_of<Entity>, domain_name>) verb.add_option("--domain", flags.domain, "of this domain alone")->type_name("DOMAIN");
    verb.add_option("--filter", flags.filter, "those that match this LDAP filter")->type_name("FILTER");
    if (kind::can_be_marked) verb.add_flag("--removed", flags.removed, "those that are marked as removed, instead of the others");
    auto* const active = verb.add_flag("--active", flags.active, "those that are in service");
    verb.add_flag("--disabled", flags.disabled, "those that are disabled themselves")->excludes(active);
    add_order_flags(verb, flags.order);
}

/// Of those that `which` matches, if it is given: said as "List `what`".
template <typename Entity>
void add_list(command_tree& tree, CLI::App& noun, std::span<const field_of<Entity>> fields, const std::string& what = std::string(entity_kind<Entity>::plural),
              const std::optional<ldap::filter>& which = {}) {
    tree.add_verb<list_flags>(noun, "list", fmt::format("List {}", what), fmt::format("mailctl {} list -o name", noun.get_name()), add_list_flags<Entity>,
                              [fields, which](invocation& run, const list_flags& flags) {
                                  const auto filters = which ? std::vector<ldap::filter>{*which} : std::vector<ldap::filter>{};
                                  return list_all<Entity>(run, make_list_options(run, flags, filters), fields);
                              });
}

/// What is more than one entry is planned as a whole.
template <typename Entity> constexpr bool is_several = std::is_same_v<Entity, domain> || std::is_same_v<Entity, mailing_list>;

struct disable_flags {
    target_flags targets{};
    std::optional<std::string> reason{};
    std::optional<std::string> comment{};
};

/// Why one is to be disabled. What a person had disabled before keeps what is recorded, as far as nothing else is said; what a job did becomes a person's.
struct disabling {
    std::string reason, comment;

    disabling(const std::optional<std::string>& given, const std::optional<std::string>& said, const entry_state& e) {
        const disabled_state& was = e.disabled;
        const bool is_persons =
            !e.active && !was.reason.empty() && was.reason != vmail::reason::domain && was.reason != vmail::reason::expired && was.reason != vmail::reason::removed;
        reason = given ? *given : is_persons ? was.reason : std::string(vmail::reason::manual);
        comment = said ? *said : is_persons && reason == was.reason ? was.comment : std::string();
    }
};

/// What has come into a mailing list since it was planned to be stopped: whoever added it may have looked before that was written.
inline plan plan_rest_of_stop(invocation& run, const std::vector<work_item<mailing_list>>& items) {
    draft d(run.directory());
    for (const auto& item : items)
        if (const auto now = d.find<mailing_list>(item.target.parse(entity_kind<mailing_list>::parse)); now && !now->value.active) d.disable_rest(*now);
    return std::move(d).take();
}

/// The same of a domain that was to be stopped, and of one that was to be in service while somebody else did the opposite: what is in it is in the end as the domain is,
/// whoever was last. Of what a domain that is stopped by now has in service, only what `brought_back` is taken out of it.
inline plan plan_as_domain(invocation& run, const std::vector<work_item<domain>>& items, const std::unordered_set<std::string>* brought_back = nullptr) {
    draft d(run.directory());
    for (const auto& item : items)
        if (const auto now = d.find<domain>(item.target.parse(entity_kind<domain>::parse)))
            d.settle_contents(*now, [&](const std::string& name) { return brought_back != nullptr && !brought_back->contains(name); });
    return std::move(d).take();
}

/// Of a domain: who was faster has the last word about it, and what is in it follows.
inline plan_run settling(plan_run how) {
    how.latecomer = "{} is {}, as its domain is by now";
    how.settles_conflicts = true;
    return how;
}

inline std::unordered_set<std::string> parts_of(const plan& p) {
    std::unordered_set<std::string> names;
    for (const planned_change& c : p.changes)
        if (c.part) names.insert(c.subject);
    return names;
}

/// Brings a domain back with what was stopped with it.
inline int carry_out_return(invocation& run, const plan& p, const plan_run& how, const std::vector<work_item<domain>>& items) {
    return carry_out_with_latecomers(run, p, settling(how), [&run, &items, back = parts_of(p)] { return plan_as_domain(run, items, &back); });
}

/// A domain takes what is in it along.
template <typename Entity>
int disable_each(invocation& run, const disable_flags& flags) {
    const auto given = flags.reason ? std::optional(parse_reason(*flags.reason)) : std::nullopt;
    auto how = run_of<Entity>("disable", flags.targets);
    if (entity_kind<Entity>::disabling_is_drastic) how.question = question::always;
    if (!run.directory().records_reasons()) run.err().note("the server has not loaded vmail.schema: why something is disabled is not recorded");
    const auto plan_all = [&](const std::vector<work_item<Entity>>& items) {
        return plan_each<Entity>(run, how.job, items, false, [&](draft& d, stored<Entity>& e) {
            const disabling why(given, flags.comment, e.value);
            if constexpr (is_several<Entity>) return d.disable(e, why.reason, why.comment);
            service_change(d.where()).disable(e.value, why.reason, why.comment);
            d.update(e, "disabled");
        });
    };
    if constexpr (is_several<Entity>) {
        const auto items = collect_work<Entity>(run, flags.targets, false);
        if constexpr (std::is_same_v<Entity, domain>) return carry_out_with_latecomers(run, plan_all(items), settling(how), [&] { return plan_as_domain(run, items); });
        else return carry_out_with_latecomers(run, plan_all(items), how, [&] { return plan_rest_of_stop(run, items); });
    } else return carry_out_each<Entity>(run, how, flags.targets, plan_all);
}

/// One whose time is up is stopped again by the next expiry run.
template <typename Entity>
void note_end(invocation& run, const Entity& m) {
    if constexpr (requires { m.expires; })
        if (m.expires && m.expires->passed(timestamp::now()))
            run.err().note(fmt::format("the time of {} was up on {}: the next expiry run disables it again", printable(m.address.text()), m.expires->text(run.configuration().zone)));
}

template <typename Entity>
int enable_each(invocation& run, const target_flags& flags) {
    auto how = run_of<Entity>("enable", flags);
    const auto plan_all = [&](const std::vector<work_item<Entity>>& items) {
        return plan_each<Entity>(run, how.job, items, false, [&](draft& d, stored<Entity>& e) {
            if constexpr (is_several<Entity>) return d.enable(e);
            note_end(run, e.value);
            service_change(d.where()).enable(e.value);
            d.update(e, "enabled");
        });
    };
    if constexpr (std::is_same_v<Entity, domain>) {
        const auto items = collect_work<Entity>(run, flags, false);
        return carry_out_return(run, plan_all(items), how, items);
    } else return carry_out_each<Entity>(run, how, flags, plan_all);
}

/// The next expiry run disables it, which is hardly ever meant by a date.
inline plan_run asking_if_past(plan_run how, const std::optional<expiry>& end) {
    if (!end || !end->passed(timestamp::now())) return how;
    how.ask = "let {} end in the past, so that the next expiry run disables it?";
    how.question = question::even_if_new;
    return how;
}

/// Tells where a later end does not bring it back.
template <typename Entity>
void change_end(invocation& run, directory& d, stored<Entity>& m, const std::optional<expiry>& end, timestamp now) {
    service_change(d).set_expiry(m.value, end, now);
    if (!m->active && m->disabled.reason.empty() && (!end || !end->passed(now)))
        run.err().note(fmt::format("{} stays disabled, as nothing tells whether the expiry run or a person did it: \"mailctl {} enable\" turns it on",
                                   printable(m->address.text()), entity_kind<Entity>::noun));
}

template <typename Entity>
void add_enable_and_disable(command_tree& tree, CLI::App& noun) {
    using kind = entity_kind<Entity>;
    tree.add_verb<target_flags>(noun, "enable", fmt::format("Let {} work again", kind::plural), fmt::format("mailctl {} enable {}", kind::noun, kind::example),
                                add_work_flags<Entity>, enable_each<Entity>);
    tree.add_verb<disable_flags>(
        noun, "disable", fmt::format("Stop {}, and record why", kind::plural),
        fmt::format("mailctl {} disable {} --reason compromised", kind::noun, kind::example),
        [](CLI::App& verb, disable_flags& flags) {
            add_work_flags<Entity>(verb, flags.targets);
            verb.add_option("--reason", flags.reason, "manual (the default), compromised, or a word of your own")->type_name("WORD");
            verb.add_option("--comment", flags.comment, "for those who read the entry later")->type_name("TEXT");
        },
        disable_each<Entity>);
}

struct remove_flags {
    target_flags targets{};
    bool now = false;
    bool references = false;
};

/// What aliases and forwards may send mail to, and we know of all of them.
template <typename Entity>
constexpr bool may_be_referred_to = std::is_same_v<Entity, mailbox> || std::is_same_v<Entity, alias> || std::is_same_v<Entity, mailing_list>;

template <typename Entity>
void plan_removal(draft& d, stored<Entity>& e, const remove_flags& flags) {
    if (flags.now || !entity_kind<Entity>::can_be_marked) {
        if constexpr (may_be_referred_to<Entity>) d.remove(e, flags.references);
        else d.remove(e);
        return;
    }
    if constexpr (std::is_same_v<Entity, domain>) d.mark_removed(e);
    else if constexpr (entity_kind<Entity>::can_be_marked) {
        d.note_references(e);
        service_change(d.where()).mark_removed(e.value);
        d.update(e, "removed");
    }
}

/// Of a list that somebody was making at the same moment: all of it goes, or none.
inline plan plan_rest_of_removal(invocation& run, const std::vector<work_item<mailing_list>>& items, const remove_flags& flags) {
    draft d(run.directory());
    for (const auto& item : items)
        if (auto left = d.find<mailing_list>(item.target.parse(entity_kind<mailing_list>::parse))) plan_removal(d, *left, flags);
    return std::move(d).take();
}

template <typename Entity>
int remove_each(invocation& run, const remove_flags& flags) {
    const bool for_good = flags.now || !entity_kind<Entity>::can_be_marked;
    auto how = run_of<Entity>("remove", flags.targets);
    how.question = question::always;
    if (for_good) how.ask = "remove {} for good?";
    if (flags.references && !for_good) throw error(error_kind::usage, "--references goes with --now: what is only marked can come back, and what leads to it with it");
    const auto items = collect_work<Entity>(run, flags.targets, flags.now);
    // What is marked already is as it should be; and a domain that a run was cut after marking has accounts that still work.
    const bool removed_too = flags.now || entity_kind<Entity>::can_be_marked;
    const plan p = plan_each<Entity>(run, how.job, items, removed_too, [&](draft& d, stored<Entity>& e) { plan_removal(d, e, flags); });
    if constexpr (std::is_same_v<Entity, mailing_list>) return carry_out_with_latecomers(run, p, how, [&] { return plan_rest_of_removal(run, items, flags); });
    if constexpr (std::is_same_v<Entity, domain>)
        if (!for_good) return carry_out_with_latecomers(run, p, settling(how), [&] { return plan_as_domain(run, items); });
    return carry_out(run, p, how);
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
            add_work_flags<Entity>(verb, flags.targets);
            if (kind::can_be_marked) verb.add_flag("--now", flags.now, "delete the entry; restore cannot bring it back");
            if constexpr (may_be_referred_to<Entity>)
                verb.add_flag("--references", flags.references, "what sends mail to it sends there no more; what is left without a target goes, too");
        },
        remove_each<Entity>);
}

template <typename Entity>
int restore_each(invocation& run, const target_flags& flags) {
    auto how = run_of<Entity>("restore", flags);
    after_restore after(run);
    how.on_outcome = [&](const change_outcome& o) {
        if (!o.change.part && is_good(o.fate)) after.is_back(o.change.subject);
    };
    const auto items = collect_work<Entity>(run, flags, true);
    const plan p = plan_each<Entity>(run, how.job, items, true, [&](draft& d, stored<Entity>& e) {
        after.planned(e);
        if constexpr (std::is_same_v<Entity, domain>) return d.restore(e);
        service_change(d.where()).restore(e.value);
        d.update(e, "restored");
    });
    int status = 0;
    if constexpr (std::is_same_v<Entity, domain>) status = carry_out_return(run, p, how, items);
    else status = carry_out(run, p, how);
    after.finish();
    return status;
}

template <typename Entity>
void add_restore(command_tree& tree, CLI::App& noun) {
    tree.add_verb<target_flags>(noun, "restore", fmt::format("Bring {} back that are marked as removed", entity_kind<Entity>::plural),
                                fmt::format("mailctl {} restore {}", entity_kind<Entity>::noun, entity_kind<Entity>::example), add_work_flags<Entity>,
                                restore_each<Entity>);
}

} // namespace vmail::tools
