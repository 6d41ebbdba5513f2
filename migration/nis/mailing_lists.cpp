#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/list_shape.hpp>
#include <vmail/printable.hpp>

#include "alias_graph.hpp"
#include "entries.hpp"
#include "list_programs.hpp"
#include "mailing_lists.hpp"
#include "name_table.hpp"

namespace vmail::nis {

namespace {

constexpr std::string_view owner_prefix = "owner-";
constexpr std::array<std::string_view, 2> majordomo_names = {"-approval", "-outgoing"};
// RFC 2142 and the machine's own: their mail must not wait for a moderator.
constexpr std::array<std::string_view, 12> roles = {"abuse",    "daemon",     "hostmaster", "mailer-daemon", "nobody", "noc",
                                                    "operator", "postmaster", "root",       "security",      "usenet", "webmaster"};

bool is_role(std::string_view name) {
    return std::any_of(roles.begin(), roles.end(), [name](std::string_view role) { return ascii::iequals(role, name); });
}

class list_maker {
public:
    list_maker(alias_table& aliases, const std::vector<std::uint32_t>& account_of, const passwd_table& users, const options& o, ledger& lines,
               text_arena& texts)
        : aliases_(aliases), account_of_(account_of), users_(users), options_(o), lines_(lines), texts_(texts), addresses_(users.accounts.size()) {
        for (const account& a : users.accounts) addresses_.insert(a.local_part, 0);
        for (const special_target& s : aliases.specials) {
            if (s.what == target::kind::include)
                includes_.insert(s.alias, 0);
            else
                read_program(s);
        }
    }

    std::vector<mailing_list> make() {
        std::vector<std::uint32_t> found;
        for (std::uint32_t i = 0; i < aliases_.definitions.size(); ++i)
            if (is_list(i)) found.push_back(i);
        std::vector<mailing_list> lists;
        lists.reserve(found.size());
        for (const std::uint32_t i : found) lists.push_back(make_list(i));
        return lists;
    }

private:
    using kind = list_program::kind;

    void read_program(const special_target& s) {
        const list_program p = parse_list_program(s.text);
        if (p.what == kind::other) return;
        const auto number = static_cast<std::uint32_t>(programs_.size());
        if (by_program_.insert(s.alias, number) == number) programs_.push_back(p);
    }

    kind program_of(std::string_view name) const {
        const auto at = by_program_.find(name);
        return at ? programs_[*at].what : kind::other;
    }

    /// Whether the alias posts to the list that has its own name.
    bool posts(std::string_view name) const {
        const kind what = program_of(name);
        return (what == kind::post || what == kind::resend) && ascii::iequals(programs_[*by_program_.find(name)].list, name);
    }

    bool has(std::string_view prefix, std::string_view name, std::string_view suffix) const {
        return aliases_.by_name.contains(fmt::format("{}{}{}", prefix, name, suffix));
    }

    /// Neither an account's, nor one that was made for another list.
    bool is_free(std::uint32_t i) const {
        return i < account_of_.size() && account_of_[i] == none && !users_.by_login.contains(aliases_.definitions[i].name);
    }

    bool is_list(std::uint32_t i) const {
        const alias_definition& d = aliases_.definitions[i];
        if (d.generated || d.is_file || !is_free(i) || is_role(d.name) || is_companion(d.name)) return false;
        if (d.target_count < 2 && !includes_.contains(d.name) && !posts(d.name) && !has(owner_prefix, d.name, "") && !has("", d.name, "-request"))
            return false;
        if (d.target_count == 0 && !posts(d.name)) return false;
        if (const auto suffix = list_shape::suffix_of(d.name)) return stays_alias(d, *suffix);
        if (list_shape::is_name(d.name)) return true;
        lines_.note(d.lines, code::list_name, fmt::format("{}: no name for a list of Mailman; it stays an alias", printable(d.name)));
        return false;
    }

    /// Mailman takes its mail for that to another list, whether there is one or not.
    bool stays_alias(const alias_definition& d, std::string_view suffix) const {
        lines_.note(d.lines, code::list_name,
                    fmt::format("{}: to Mailman it is the address {} of a list {}; it stays an alias", printable(d.name), suffix, printable(d.name.substr(0, d.name.size() - suffix.size()))));
        return false;
    }

    bool is_companion(std::string_view name) const {
        if (ascii::istarts_with(name, owner_prefix)) return aliases_.by_name.contains(name.substr(owner_prefix.size()));
        const auto belongs = [&](std::string_view suffix) {
            return name.size() > suffix.size() && ascii::iequals(name.substr(name.size() - suffix.size()), suffix) &&
                   aliases_.by_name.contains(name.substr(0, name.size() - suffix.size()));
        };
        const auto is_any = [&](const auto& suffixes) { return std::any_of(suffixes.begin(), suffixes.end(), belongs); };
        return is_any(list_shape::service_suffixes) || is_any(majordomo_names);
    }

    mailing_list make_list(std::uint32_t i) {
        const std::string_view name = aliases_.definitions[i].name;
        mailing_list list;
        list.alias = i;
        list.has_other_members = program_of(name) == kind::post;
        move_targets(i, address_of(name, ""), list.members);
        if (program_of(name) == kind::resend) take_outgoing(name, list);
        if (const auto owner = aliases_.by_name.find(fmt::format("{}{}", owner_prefix, name)); owner && is_free(*owner))
            move_targets(*owner, address_of(name, "-owner"), list.owners);
        for (const std::string_view suffix : list_shape::service_suffixes) make_companion(i, name, suffix);
        return list;
    }

    void take_outgoing(std::string_view name, mailing_list& list) {
        const auto at = aliases_.by_name.find(programs_[*by_program_.find(name)].outgoing);
        const bool known = at && is_free(*at) && aliases_.definitions[*at].target_count > 0;
        list.has_other_members = !known;
        if (at && is_free(*at)) move_targets(*at, address_of(name, ""), list.members);
    }

    std::string_view address_of(std::string_view name, std::string_view suffix) {
        return texts_.keep(list_shape::target(name, suffix, options_.lists_domain));
    }

    /// The definition leads to the address from now on; its targets become a definition that has nothing but members.
    void move_targets(std::uint32_t i, std::string_view address, std::vector<std::uint32_t>& members) {
        alias_definition old = aliases_.definitions[i];
        redirect(i, address);
        if (old.target_count == 0) return;
        old.is_members = true;
        members.push_back(static_cast<std::uint32_t>(aliases_.definitions.size()));
        aliases_.definitions.push_back(old);
    }

    void redirect(std::uint32_t i, std::string_view address) {
        aliases_.definitions[i].first_target = aliases_.targets.size();
        aliases_.definitions[i].target_count = 1;
        aliases_.targets.push_back({alias_target::kind::outside, address});
    }

    void make_companion(std::uint32_t list, std::string_view of_list, std::string_view suffix) {
        const std::string_view name = texts_.keep(fmt::format("{}{}", of_list, suffix));
        const auto at = aliases_.by_name.find(name);
        if (users_.by_login.contains(name) || addresses_.contains(name)) return collide(aliases_.definitions[list].lines, name, "is an account's");
        if (!at) return add_generated(name, address_of(of_list, suffix));
        if (aliases_.definitions[*at].target_count == 0 && program_of(name) != kind::other) return redirect(*at, address_of(of_list, suffix));
        collide(aliases_.definitions[is_free(*at) ? *at : list].lines, name, "stays as the map has it");
    }

    void collide(line_span at, std::string_view name, std::string_view why) {
        lines_.note(at, code::list_collision, fmt::format("{} {}, and does not lead to the list server", printable(name), why));
    }

    void add_generated(std::string_view name, std::string_view address) {
        alias_definition d;
        d.name = name;
        d.generated = true;
        aliases_.by_name.insert(name, static_cast<std::uint32_t>(aliases_.definitions.size()));
        aliases_.definitions.push_back(d);
        redirect(static_cast<std::uint32_t>(aliases_.definitions.size() - 1), address);
    }

    alias_table& aliases_;
    const std::vector<std::uint32_t>& account_of_;
    const passwd_table& users_;
    const options& options_;
    ledger& lines_;
    text_arena& texts_;
    name_table addresses_;
    name_table includes_;
    name_table by_program_;
    std::vector<list_program> programs_;
};

/// Collects the addresses of lists.
class address_collector {
public:
    address_collector(const std::vector<mailing_list>& lists, const alias_table& aliases, const resolution& resolved, const passwd_table& users,
                      const options& o, ledger& lines)
        : aliases_(aliases), resolved_(resolved), users_(users), make_(o), options_(o), lines_(lines), is_list_(aliases.definitions.size(), false) {
        for (const mailing_list& list : lists) is_list_[list.alias] = true;
    }

    void collect(const mailing_list& list, std::vector<address_file>& files) const {
        const alias_definition& d = aliases_.definitions[list.alias];
        const std::string name = ascii::to_lower(d.name);
        address_file members{name + ".members", addresses(list, list.members)};
        address_file owners{name + ".owners", addresses(list, list.owners)};
        report(list, members.addresses.size(), owners.addresses.size());
        for (address_file* file : {&members, &owners})
            if (!file->addresses.empty()) files.push_back(std::move(*file));
    }

private:
    std::vector<std::string> addresses(const mailing_list& list, const std::vector<std::uint32_t>& definitions) const {
        std::vector<std::string> all;
        for (const std::uint32_t i : definitions) {
            const resolved_alias& r = resolved_.aliases[i];
            for (std::size_t d = r.first; d < r.first + r.count; ++d) add(list, resolved_.destinations[d], all);
        }
        return all;
    }

    void add(const mailing_list& list, const destination& to, std::vector<std::string>& all) const {
        if (to.what == destination::kind::alias && to.index == list.alias)
            return note(list, code::loop, "the list itself is left out of its members");
        std::string text = text_of(to);
        if (to.what == destination::kind::alias && is_list_[to.index])
            note(list, code::list_nested, fmt::format("{} is a list too", printable(text)));
        all.push_back(std::move(text));
    }

    std::string text_of(const destination& to) const {
        switch (to.what) {
        case destination::kind::account: return make_.address_text(users_.accounts[to.index].local_part);
        case destination::kind::alias: return make_.address_text(aliases_.definitions[to.index].name);
        case destination::kind::elsewhere: return make_.address_text(to.text);
        case destination::kind::outside:
        case destination::kind::server: break;
        }
        return std::string(to.text);
    }

    void report(const mailing_list& list, std::size_t members, std::size_t owners) const {
        note(list, code::list_made, fmt::format("a list at {}, with {} members and {} owners", options_.lists_domain, members, owners));
        if (list.has_other_members || members == 0)
            note(list, code::list_without_members, "the alias map does not have all its members; ask the old list server");
    }

    void note(const mailing_list& list, code what, const std::string& text) const {
        const alias_definition& d = aliases_.definitions[list.alias];
        lines_.note(d.lines, what, fmt::format("{}: {}", printable(d.name), text));
    }

    const alias_table& aliases_;
    const resolution& resolved_;
    const passwd_table& users_;
    entry_maker make_;
    const options& options_;
    ledger& lines_;
    std::vector<bool> is_list_;
};

/// Finds lists whose mail comes back to them, by other lists, aliases and forwards.
class circle_finder {
public:
    circle_finder(const std::vector<mailing_list>& lists, const alias_table& aliases, const resolution& resolved, const options& o)
        : aliases_(aliases), resolved_(resolved), options_(o), list_of_(aliases.definitions.size(), nullptr) {
        for (const mailing_list& list : lists) list_of_[list.alias] = &list;
        for (std::uint32_t i = 0; i < resolved.aliases.size(); ++i)
            if (resolved.aliases[i].what == resolved_alias::fate::forward) forward_of_.emplace(resolved.aliases[i].account, i);
    }

    /// Whether each definition can come back to itself.
    std::vector<bool> find() const {
        alias_graph graph(aliases_.definitions.size());
        for (std::uint32_t i = 0; i < graph.size(); ++i) {
            add_edges(graph, i);
            graph.finish_node(i);
        }
        return graph.strong_components().in_loop;
    }

private:
    void add_edges(alias_graph& graph, std::uint32_t from) const {
        if (!list_of_[from]) return add_destinations(graph, from, from);
        for (const std::uint32_t members : list_of_[from]->members) add_destinations(graph, from, members);
    }

    void add_destinations(alias_graph& graph, std::uint32_t from, std::uint32_t definition) const {
        const resolved_alias& r = resolved_.aliases[definition];
        for (std::size_t d = r.first; d < r.first + r.count; ++d)
            // The list itself is no member.
            if (const auto to = led_to(resolved_.destinations[d]); to && *to != from) graph.add_edge(*to);
    }

    std::optional<std::uint32_t> led_to(const destination& to) const {
        if (to.what == destination::kind::alias) return to.index;
        if (to.what == destination::kind::outside) return list_at(to.text);
        const auto forward = to.what == destination::kind::account ? forward_of_.find(to.index) : forward_of_.end();
        return forward == forward_of_.end() ? std::nullopt : std::optional(forward->second);
    }

    /// The one with this address at the list server.
    std::optional<std::uint32_t> list_at(std::string_view text) const {
        const std::size_t at = text.rfind('@');
        if (at == std::string_view::npos || !ascii::iequals(text.substr(at + 1), options_.lists_domain)) return {};
        const auto found = aliases_.by_name.find(text.substr(0, at));
        return found && list_of_[*found] ? found : std::nullopt;
    }

    const alias_table& aliases_;
    const resolution& resolved_;
    const options& options_;
    std::vector<const mailing_list*> list_of_;
    std::unordered_map<std::uint32_t, std::uint32_t> forward_of_;
};

void note_circles(const std::vector<mailing_list>& lists, const alias_table& aliases, const std::vector<bool>& in_circle, ledger& lines) {
    for (const mailing_list& list : lists) {
        const alias_definition& d = aliases.definitions[list.alias];
        if (in_circle[list.alias]) lines.note(d.lines, code::list_circle, fmt::format("{}: its members lead back to it, kept", printable(d.name)));
    }
}

} // namespace

std::vector<mailing_list> make_lists(alias_table& aliases, const std::vector<std::uint32_t>& account_of, const passwd_table& users, const options& o,
                                     ledger& lines, text_arena& texts) {
    // What is found says nothing of definitions that are added meanwhile: those have no account.
    std::vector<std::uint32_t> known = account_of;
    known.resize(aliases.definitions.size(), none);
    return list_maker(aliases, known, users, o, lines, texts).make();
}

std::vector<address_file> list_addresses(const std::vector<mailing_list>& lists, const alias_table& aliases, const resolution& resolved,
                                         const passwd_table& users, const options& o, ledger& lines) {
    const address_collector collector(lists, aliases, resolved, users, o, lines);
    std::vector<address_file> files;
    for (const mailing_list& list : lists) collector.collect(list, files);
    note_circles(lists, aliases, circle_finder(lists, aliases, resolved, o).find(), lines);
    return files;
}

} // namespace vmail::nis
