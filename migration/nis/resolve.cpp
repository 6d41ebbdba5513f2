#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/printable.hpp>

#include "alias_graph.hpp"
#include "alias_loops.hpp"
#include "resolve.hpp"

namespace vmail::nis {

namespace {

constexpr std::size_t postfix_expansion_limit = 1000;
constexpr std::size_t few = 16;
constexpr std::uint32_t prefetch_distance = 16;

bool same(const destination& a, const destination& b) {
    return a.what == b.what && a.index == b.index && (a.index != none || ascii::iequals(a.text, b.text));
}

class resolver {
public:
    resolver(const alias_table& aliases, const std::vector<std::uint32_t>& account_of, passwd_table& users, const options& o, ledger& map_lines,
             ledger& file_lines)
        : aliases_(aliases), account_of_(account_of), users_(users), options_(o), map_lines_(map_lines), file_lines_(file_lines) {
        result_.aliases.resize(aliases.definitions.size());
        result_.destinations.reserve(aliases.targets.size());
    }

    resolution resolve() {
        find_forwards();
        for (std::uint32_t i = 0; i < size(); ++i) {
            ask_for_targets(i + prefetch_distance);
            find_destinations(i);
        }
        look_at_graph();
        drop_dead_forwards();
        open_loops();
        cut_loops_and_dead_ends();
        for (std::uint32_t i = 0; i < size(); ++i) settle(i);
        note_big_lists();
        return std::move(result_);
    }

private:
    std::size_t size() const { return aliases_.definitions.size(); }
    const alias_definition& definition(std::uint32_t i) const { return aliases_.definitions[i]; }
    ledger& lines_of(std::uint32_t i) { return definition(i).is_file ? file_lines_ : map_lines_; }
    std::string who(std::uint32_t i) const { return printable(definition(i).name); }

    void find_forwards() {
        for (std::uint32_t i = 0; i < size(); ++i) {
            if (account_of_[i] != none) continue;
            const auto account = users_.by_login.find(definition(i).name);
            if (!account) continue;
            result_.aliases[i].account = *account;
            users_.accounts[*account].forward = i;
        }
    }

    void find_destinations(std::uint32_t i) {
        resolved_alias& r = result_.aliases[i];
        r.first = result_.destinations.size();
        const alias_definition& d = definition(i);
        for (std::size_t t = d.first_target; t < d.first_target + d.target_count; ++t) {
            const alias_target& target = aliases_.targets[t];
            if (const auto found = find(target))
                result_.destinations.push_back(*found);
            else
                unknown(i, target);
        }
        r.count = remove_doubles(r.first);
    }

    /// A look into the table of logins is mostly a miss of the processor's caches: it is asked for some definitions before.
    void ask_for_targets(std::size_t i) const {
        if (i >= size()) return;
        const alias_definition& d = aliases_.definitions[i];
        for (std::size_t t = d.first_target; t < d.first_target + std::min(d.target_count, few); ++t)
            users_.by_login.prefetch(hash_name(aliases_.targets[t].text));
    }

    void unknown(std::uint32_t i, const alias_target& target) {
        const auto line = users_.skipped.find(target.text);
        note(i, code::unknown_target,
             fmt::format("{} is left out: {}", quoted(target.text),
                         line ? fmt::format("its line {} of passwd was skipped", *line) : std::string("nobody and no alias has this name")));
    }

    std::optional<destination> find(const alias_target& target) const {
        using kind = destination::kind;
        if (target.what == alias_target::kind::outside) return destination{kind::outside, false, none, target.text};
        if (target.what == alias_target::kind::server) return destination{kind::server, false, none, target.text};
        const bool past_forward = target.what == alias_target::kind::mailbox;
        if (const auto found = find_name(target.text, past_forward)) return found;
        // user+detail is the user's (recipient_delimiter), unless the whole is a name.
        const std::size_t plus = target.text.find('+');
        if (plus != std::string_view::npos && plus > 0)
            if (const auto found = find_name(target.text.substr(0, plus), past_forward)) return found;
        if (!users_.given && is_dot_atom(target.text)) return destination{kind::elsewhere, false, none, target.text};
        return {};
    }

    std::optional<destination> find_name(std::string_view name, bool past_forward) const {
        using kind = destination::kind;
        if (const auto account = users_.by_login.find(name)) return destination{kind::account, past_forward, *account, {}};
        // Past the forward there is no alias either; but Postfix has lost the backslash by then.
        if (past_forward && users_.given && options_.dialect == dialect::sendmail) return {};
        const auto alias = aliases_.by_name.find(name);
        if (!alias) return {};
        if (account_of_[*alias] != none) return destination{kind::account, past_forward, account_of_[*alias], {}};
        return destination{kind::alias, false, *alias, {}};
    }

    /// Keeps the first of equal destinations from here on; returns how many stay.
    std::size_t remove_doubles(std::size_t first) {
        auto& all = result_.destinations;
        const std::size_t count = all.size() - first;
        if (count < 2) return count;
        const auto begin = all.begin() + static_cast<std::ptrdiff_t>(first);
        auto end = begin;
        destination_set seen;
        for (auto d = begin; d != all.end(); ++d) {
            const bool is_new = count > few ? seen.insert(*d) : std::none_of(begin, end, [&d](const destination& e) { return same(*d, e); });
            if (is_new)
                *end++ = *d;
            else if (d->past_forward)
                std::find_if(begin, end, [&d](const destination& e) { return same(*d, e); })->past_forward = true;
        }
        all.erase(end, all.end());
        return all.size() - first;
    }

    /// The definition that mail to this destination goes through, or none where it ends.
    std::uint32_t next(std::uint32_t from, const destination& d) const {
        if (d.what == destination::kind::alias) return d.index;
        if (d.what != destination::kind::account || result_.aliases[from].account == d.index) return none;
        return users_.accounts[d.index].forward;
    }

    alias_graph make_graph() const {
        alias_graph graph(size());
        for (std::uint32_t i = 0; i < size(); ++i) {
            const resolved_alias& r = result_.aliases[i];
            for (std::size_t d = r.first; d < r.first + r.count; ++d) {
                const std::uint32_t to = next(i, result_.destinations[d]);
                if (to == none)
                    graph.set_grounded(i);
                else
                    graph.add_edge(to);
            }
            graph.finish_node(i);
        }
        return graph;
    }

    bool is_forward(std::uint32_t i) const { return result_.aliases[i].account != none && users_.accounts[result_.aliases[i].account].forward == i; }

    /// A forward that reaches nobody is no forward: the mail stays in the mailbox, where others that lead to it may end.
    void drop_dead_forwards() {
        while (true) {
            std::vector<std::uint32_t> dead;
            for (std::uint32_t i = 0; i < size(); ++i)
                if (distance_[i] == alias_graph::unreachable && is_forward(i)) dead.push_back(i);
            if (dead.empty()) return;
            const auto is_cause = [this](std::uint32_t i) { return components_.in_loop[i] || !leads_on_[i]; };
            // Those that only lead to the others may be alive once the others are dropped.
            const bool has_cause = std::any_of(dead.begin(), dead.end(), is_cause);
            for (const std::uint32_t i : dead)
                if (!has_cause || is_cause(i)) drop_forward(i, components_.in_loop[i]);
            look_at_graph();
        }
    }

    /// To be done again whenever a destination or a forward has changed.
    void look_at_graph() {
        const alias_graph graph = make_graph();
        distance_ = graph.distances();
        components_ = graph.strong_components();
        leads_on_.resize(size());
        for (std::uint32_t i = 0; i < size(); ++i) leads_on_[i] = graph.has_edges(i);
    }

    void drop_forward(std::uint32_t i, bool in_loop) {
        users_.accounts[result_.aliases[i].account].forward = none;
        result_.aliases[i].count = 0;
        lines_of(i).skip(
            definition(i).lines, in_loop ? code::loop_only : code::no_target,
            fmt::format("{}: {}; the mail stays in the mailbox", who(i), in_loop ? "it leads back to itself and nowhere else" : "no target is left"));
    }

    bool is_dropped_forward(std::uint32_t i) const { return result_.aliases[i].account != none && !is_forward(i); }

    void open_loops() {
        std::vector<std::uint32_t> looping;
        for (std::uint32_t i = 0; i < size(); ++i)
            if (components_.in_loop[i] && distance_[i] != alias_graph::unreachable) looping.push_back(i);
        std::stable_sort(looping.begin(), looping.end(), [this](std::uint32_t a, std::uint32_t b) { return components_.of[a] < components_.of[b]; });
        for (auto first = looping.begin(); first != looping.end();) {
            const auto last =
                std::find_if(first, looping.end(), [this, first](std::uint32_t i) { return components_.of[i] != components_.of[*first]; });
            if (last - first > 1) open_loop(describe_loop({first, last}));
            first = last;
        }
        if (!looping.empty()) look_at_graph();
    }

    alias_loop describe_loop(const std::vector<std::uint32_t>& members) const {
        alias_loop loop;
        destination_set seen;
        for (const std::uint32_t i : members) {
            const resolved_alias& r = result_.aliases[i];
            loop.add({i, r.account});
            if (loop.hub == none && !is_left_to_the_domain(i)) loop.hub = i;
            for (std::size_t d = r.first; d < r.first + r.count; ++d) {
                const destination& to = result_.destinations[d];
                const std::uint32_t through = next(i, to);
                const bool leaves =
                    through == none || (components_.of[through] != components_.of[i] && distance_[through] != alias_graph::unreachable);
                if (leaves && seen.insert(to)) loop.exits.push_back(to);
            }
        }
        if (loop.hub == none) loop.hub = members.front();
        return loop;
    }

    void open_loop(const alias_loop& loop) {
        if (!can_open(loop)) return;
        for (const alias_loop::member& m : loop.members) {
            const std::vector<destination> now = opened(loop, m);
            if (leads_to(m.definition, now)) continue;
            note(m.definition, code::loop, fmt::format("a loop of {} names, each of which now has what all lead to", loop.members.size()));
            resolved_alias& r = result_.aliases[m.definition];
            r.first = result_.destinations.size();
            r.count = now.size();
            result_.destinations.insert(result_.destinations.end(), now.begin(), now.end());
        }
    }

    /// Whether these are its destinations already.
    bool leads_to(std::uint32_t i, const std::vector<destination>& wanted) const {
        const resolved_alias& r = result_.aliases[i];
        if (wanted.size() != r.count) return false;
        destination_set all;
        for (std::size_t d = r.first; d < r.first + r.count; ++d) all.insert(result_.destinations[d]);
        return std::none_of(wanted.begin(), wanted.end(), [&all](const destination& d) { return all.insert(d); });
    }

    void cut_loops_and_dead_ends() {
        keeps_copy_.resize(size());
        for (std::uint32_t i = 0; i < size(); ++i) keeps_copy_[i] = keeps_copy(i);
        for (std::uint32_t i = 0; i < size(); ++i)
            if (distance_[i] != alias_graph::unreachable) cut(i);
    }

    void cut(std::uint32_t i) {
        resolved_alias& r = result_.aliases[i];
        std::size_t kept = r.first;
        for (std::size_t d = r.first; d < r.first + r.count; ++d) {
            const destination& to = result_.destinations[d];
            const std::uint32_t through = next(i, to);
            if (through != none && distance_[through] == alias_graph::unreachable)
                note(i, code::unknown_target, fmt::format("{} is left out: it reaches nobody", quoted(definition(through).name)));
            else if (through != none && closes_loop(i, through))
                note(i, code::loop, fmt::format("{} is left out: it leads back to {}", quoted(definition(through).name), who(i)));
            else
                result_.destinations[kept++] = to;
        }
        r.count = kept - r.first;
    }

    /// Postfix (cleanup_map1n.c) expands an address that is among its own targets once, so there every loop ends.
    bool keeps_copy(std::uint32_t i) const {
        const resolved_alias& r = result_.aliases[i];
        const auto begin = result_.destinations.begin() + static_cast<std::ptrdiff_t>(r.first);
        return r.account != none && std::any_of(begin, begin + static_cast<std::ptrdiff_t>(r.count),
                                                [&r](const destination& d) { return d.what == destination::kind::account && d.index == r.account; });
    }

    /// Within a loop only the ways towards the nearest ground stay; so each name keeps one, and no way comes back.
    bool closes_loop(std::uint32_t from, std::uint32_t to) const {
        if (components_.of[from] != components_.of[to]) return false;
        if (keeps_copy_[to]) return false;
        return std::pair(distance_[to], to) >= std::pair(distance_[from], from);
    }

    void settle(std::uint32_t i) {
        resolved_alias& r = result_.aliases[i];
        const alias_definition& d = definition(i);
        if (account_of_[i] != none) return lines_of(i).merged(d.lines);
        if (d.is_members || is_dropped_forward(i)) return;
        if (distance_[i] == alias_graph::unreachable) return skip_dead(i);
        if (is_forward(i)) return settle_forward(i);
        note_bypassed(i);
        if (d.generated) {
            r.what = resolved_alias::fate::entry;
        } else if (is_left_to_the_domain(i)) {
            lines_of(i).skip(d.lines, code::made_with_domain, fmt::format("{}: comes with the domain; set its targets there", who(i)));
        } else {
            r.what = resolved_alias::fate::entry;
            lines_of(i).entry(d.lines);
        }
    }

    bool is_left_to_the_domain(std::uint32_t i) const {
        const std::string_view name = definition(i).name;
        return !options_.with_domain && (ascii::iequals(name, "postmaster") || ascii::iequals(name, "abuse"));
    }

    void skip_dead(std::uint32_t i) {
        if (definition(i).generated) return;
        const bool in_loop = components_.in_loop[i];
        lines_of(i).skip(definition(i).lines, in_loop ? code::loop_only : code::no_target,
                         fmt::format("{}: {}", who(i), in_loop ? "it leads back to itself and nowhere else" : "no target is left"));
    }

    void settle_forward(std::uint32_t i) {
        resolved_alias& r = result_.aliases[i];
        lines_of(i).merged(definition(i).lines);
        bool keeps_copy = false;
        bool local = false;
        for (std::size_t d = r.first; d < r.first + r.count; ++d) {
            const destination& to = result_.destinations[d];
            const bool self = to.what == destination::kind::account && to.index == r.account;
            keeps_copy |= self;
            local |= !self && to.what != destination::kind::outside;
        }
        if (keeps_copy && r.count == 1) {
            users_.accounts[r.account].forward = none;
            return;
        }
        r.what = resolved_alias::fate::forward;
        note_bypassed(i);
        if (keeps_copy)
            note(i, code::kept_copy, "forward with a copy in the own mailbox");
        else if (local)
            note(i, code::forward_local, "the account's mail goes to others here instead");
        else
            note(i, code::forward_outside, "the account's mail is forwarded");
    }

    void note_bypassed(std::uint32_t i) {
        const resolved_alias& r = result_.aliases[i];
        for (std::size_t d = r.first; d < r.first + r.count; ++d) {
            const destination& to = result_.destinations[d];
            if (to.past_forward && to.index != r.account && users_.accounts[to.index].forward != none)
                note(i, code::forward_bypassed, fmt::format("{} has a forward, which now holds", quoted(users_.accounts[to.index].login)));
        }
    }

    void note_big_lists() {
        const auto is_list = [](const resolved_alias& r) { return r.count > 1; };
        if (std::none_of(result_.aliases.begin(), result_.aliases.end(), is_list)) return;
        const std::vector<std::size_t> reach = expansions();
        for (std::uint32_t i = 0; i < size(); ++i)
            if (distance_[i] != alias_graph::unreachable && !definition(i).is_members && reach[i] > postfix_expansion_limit)
                note(i, code::big_list, fmt::format("it reaches more than {} addresses", postfix_expansion_limit));
    }

    /// How many addresses each definition reaches. One that is reached twice counts twice: so Postfix counts.
    std::vector<std::size_t> expansions() const {
        std::vector<std::size_t> reach(size(), 0);
        for (const std::uint32_t i : targets_first()) {
            const resolved_alias& r = result_.aliases[i];
            for (std::size_t d = r.first; d < r.first + r.count; ++d) {
                const std::uint32_t through = next(i, result_.destinations[d]);
                reach[i] = std::min<std::size_t>(reach[i] + (through == none ? 1 : reach[through]), std::size_t{1} << 40U);
            }
        }
        return reach;
    }

    /// What is led to comes first: lower components, and within one the shorter ways.
    std::vector<std::uint32_t> targets_first() const {
        std::vector<std::uint32_t> start(size() + 1, 0);
        for (const std::uint32_t component : components_.of) ++start[component + 1];
        for (std::size_t c = 1; c < start.size(); ++c) start[c] += start[c - 1];
        std::vector<std::uint32_t> order(size());
        std::vector<std::uint32_t> next = start;
        for (std::uint32_t i = 0; i < size(); ++i) order[next[components_.of[i]]++] = i;
        const auto at = [&order](std::uint32_t i) { return order.begin() + static_cast<std::ptrdiff_t>(i); };
        for (std::size_t c = 0; c + 1 < start.size(); ++c)
            if (start[c + 1] - start[c] > 1)
                std::stable_sort(at(start[c]), at(start[c + 1]), [this](std::uint32_t a, std::uint32_t b) { return distance_[a] < distance_[b]; });
        return order;
    }

    void note(std::uint32_t i, code what, const std::string& text) {
        if (!definition(i).generated) lines_of(i).note(definition(i).lines, what, fmt::format("{}: {}", who(i), text));
    }

    const alias_table& aliases_;
    const std::vector<std::uint32_t>& account_of_;
    passwd_table& users_;
    const options& options_;
    ledger& map_lines_;
    ledger& file_lines_;
    resolution result_;
    std::vector<std::uint32_t> distance_;
    alias_graph::components components_;
    std::vector<bool> leads_on_; ///< to another definition
    std::vector<bool> keeps_copy_;
};

} // namespace

resolution resolve(const alias_table& aliases, const std::vector<std::uint32_t>& account_of, passwd_table& users, const options& o, ledger& map_lines,
                   ledger& file_lines) {
    return resolver(aliases, account_of, users, o, map_lines, file_lines).resolve();
}

} // namespace vmail::nis
