#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/request.hpp>
#include <vmail/printable.hpp>
#include <vmail/rule_codes.hpp>

#include <vmail/check/check.hpp>
#include <vmail/check/mending.hpp>
#include <vmail/check/rule.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/check/server_sight.hpp>
#include <vmail/check/tree_look.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace attr = schema::attr;

std::size_t summary::count(severity s) const {
    const auto it = found.find(s);
    return it != found.end() ? it->second : 0;
}

bool summary::clean() const { return count(severity::error) + count(severity::warning) == 0; }

namespace {

std::vector<const rule*> chosen(const options& wanted) {
    rule_codes::require_known(rules(), wanted.only);
    rule_codes::require_known(rules(), wanted.skip);
    std::vector<const rule*> all;
    for (const rule& r : all_rules()) {
        const bool reached = r.reach == reach::tree ? wanted.tree : wanted.server;
        if (reached && (wanted.only.empty() || rule_codes::names(wanted.only, r.code)) && !rule_codes::names(wanted.skip, r.code)) all.push_back(&r);
    }
    return all;
}

/// Who looks at all of it anyway has seen it.
bool is_answered_by_the_tree(const rule& r) { return r.compare != nullptr || r.code == size_limit.code; }

void ask_server(directory& d, const options& wanted, const std::vector<const rule*>& rules, const visitor_of_findings& visit) {
    server_sight s(d);
    for (const rule* r : rules)
        if (r->ask != nullptr && !(wanted.tree && is_answered_by_the_tree(*r))) r->ask(s, telling(*r, wanted.domain, visit));
}

bool needs_tree(const std::vector<const rule*>& rules) {
    return std::any_of(rules.begin(), rules.end(), [](const rule* r) { return r->reach == reach::tree || r->compare != nullptr || r->code == size_limit.code; });
}

std::string codes_of(const std::vector<const rule*>& rules) {
    std::vector<std::string_view> codes;
    for (const rule* r : rules) codes.push_back(r->code);
    return fmt::to_string(fmt::join(codes, ", "));
}

/// All that is found in an entry is put right by one change.
void mend(const sight& e, const std::vector<const rule*>& told, repair most, mending& all) {
    ldap::entry after = e.entry;
    std::vector<const rule*> done;
    for (const rule* r : told) {
        if (r->mend == nullptr || r->repair > most) continue;
        r->mend(e, after);
        done.push_back(r);
    }
    if (!done.empty()) all.change(e.entry, after, e.subject(), codes_of(done));
}

} // namespace

summary look(directory& d, const options& wanted, const visitor& visit) {
    const auto rules = chosen(wanted);
    summary sum;
    const visitor_of_findings counted = [&](const finding& f) {
        ++sum.found[f.severity];
        visit(f);
    };
    ask_server(d, wanted, rules, counted);
    // To a server a long list of names is more work than all of them.
    if (wanted.tree && needs_tree(rules)) sum.entries = tree_look(d, wanted, rules, counted).run({"*"});
    return sum;
}

repairs plan_repairs(directory& d, const options& wanted, repair most, const visitor& left) {
    options of_tree = wanted;
    of_tree.server = false;
    const auto rules = chosen(of_tree);
    mending all(d);
    const visitor_of_findings rest = [&](const finding& f) {
        if (!f.repairable || find_rule(f.code)->repair > most) left(f);
    };
    tree_look tree(d, of_tree, rules, rest);
    tree.run(ldap::whole_entry(), [&](const sight& e, const std::vector<const rule*>& told) { mend(e, told, most, all); });
    tree.mend(all, most);
    repairs made{.codes = all.codes};
    made.plan = std::move(all).take();
    return made;
}

} // namespace vmail::check
