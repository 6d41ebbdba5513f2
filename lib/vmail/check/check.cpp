#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/request.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/printable.hpp>

#include <vmail/check/check.hpp>
#include <vmail/check/mending.hpp>
#include <vmail/check/route_graph.hpp>
#include <vmail/check/rule.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/check/server_sight.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace attr = schema::attr;

std::size_t summary::count(severity s) const {
    const auto it = found.find(s);
    return it != found.end() ? it->second : 0;
}

bool summary::clean() const { return count(severity::error) + count(severity::warning) == 0; }

namespace {

bool names(const std::vector<std::string>& codes, const rule& r) {
    return std::any_of(codes.begin(), codes.end(), [&](const std::string& c) { return ascii::iequals(c, r.code); });
}

void require_known(const std::vector<std::string>& codes) {
    for (const std::string& c : codes)
        if (!find_rule(c)) throw invalid_value(fmt::format("there is no rule {}", vmail::quoted(c)));
}

std::vector<const rule*> chosen(const options& wanted) {
    require_known(wanted.only);
    require_known(wanted.skip);
    std::vector<const rule*> all;
    for (const rule& r : all_rules()) {
        const bool reached = r.reach == reach::tree ? wanted.tree : wanted.server;
        if (reached && (wanted.only.empty() || names(wanted.only, r)) && !names(wanted.skip, r)) all.push_back(&r);
    }
    return all;
}

bool is_about_routes(const rule* r) {
    return r->code == alias_loop.code || r->code == target_missing.code || r->code == target_stopped.code;
}

void require_domain(directory& d, const domain_name& name) {
    if (!d.find<backup_domain>(name)) d.get<domain>(name);
}

/// One look at the tree.
class tree_look {
public:
    tree_look(directory& d, const options& wanted, std::vector<const rule*> rules, const visitor_of_findings& visit)
        : directory_(d), wanted_(wanted), domains_(domains_of(d, wanted)), rules_(std::move(rules)), visit_([this, &visit](const finding& f) {
              ++told_;
              visit(f);
          }),
          around_{d, d.site(), domains_, wanted.now, standing_of(d.session(), d.site()), wanted.domain, !knows_no_vacation(d)} {
        if (std::any_of(rules_.begin(), rules_.end(), is_about_routes)) around_.routes = std::make_shared<route_graph>();
        for (const rule* r : rules_)
            if (r->compare != nullptr) comparisons_.push_back({r, r->compare(around_)});
    }

    /// With `found`: told of each entry what was found in it, for it to be put right.
    std::size_t run(const std::function<void(const sight&, const std::vector<const rule*>&)>& found, std::vector<std::string> attributes) {
        for_each_entry(ldap::filter::present(attr::object_class), attributes, [&](const sight& e) { look_at(e, found); });
        look_again();
        return entries_.size();
    }

    void mend(mending& all, repair most) {
        for (const auto& c : comparisons_)
            if (c.of->repair != repair::none && c.of->repair <= most) c.object->mend(all, most);
    }

private:
    struct comparing {
        const rule* of;
        std::unique_ptr<comparison> object;
    };

    static domain_table domains_of(directory& d, const options& wanted) {
        if (wanted.domain) require_domain(d, *wanted.domain);
        return domain_table(d.session(), d.site());
    }
    static bool knows_no_vacation(directory& d) { return !d.session().schema().empty() && !d.session().schema().has_class(schema::cls::vacation); }

    void for_each_entry(const ldap::filter& what, const std::vector<std::string>& attributes, const std::function<void(const sight&)>& visit) {
        const auto look = [&](ldap::entry&& e) {
            if (wanted_.stop && wanted_.stop()) throw error(error_kind::interrupted, "interrupted: what was told is not all");
            visit(sight(e, around_, static_cast<entry_names::ordinal>(entries_.size())));
        };
        const layout& where = directory_.site().layout;
        auto& s = directory_.session();
        s.for_each({where.container(), ldap::scope::subtree, what, attributes}, look);
        if (around_.sees_all() && !wanted_.domain && s.find(where.admins(), ldap::no_attributes()))
            s.for_each({where.admins(), ldap::scope::subtree, ldap::filter::all_of({ldap::filter::equal(attr::object_class, schema::cls::admin), what}), attributes}, look);
    }

    void look_at(const sight& e, const std::function<void(const sight&, const std::vector<const rule*>&)>& found) {
        std::vector<const rule*> told;
        if (e.is_told())
            for (const rule* r : rules_)
                if (r->look != nullptr && tells(*r, e)) told.push_back(r);
        if (around_.routes) around_.routes->gather(e);
        for (const auto& c : comparisons_) c.object->gather(e);
        entries_.add(e.entry.first(attr::mail).value_or(""));
        if (found && !told.empty()) found(e, told);
    }

    bool tells(const rule& r, const sight& e) const {
        const std::size_t before = told_;
        r.look(e, telling(r, wanted_.domain, visit_));
        return told_ > before;
    }

    void look_again() {
        if (around_.routes) around_.routes->settle();
        std::vector<const comparing*> few, many;
        for (const auto& c : comparisons_)
            if (c.object->settle(telling(*c.of, wanted_.domain, visit_))) (are_few(*c.object) ? few : many).push_back(&c);
        if (!few.empty()) hear_each(few);
        if (!many.empty()) hear_all(many);
    }

    /// To read one entry by its address costs as much as some dozen in a list.
    bool are_few(const comparison& c) const {
        const auto* const whose = c.whose();
        if (whose == nullptr || whose->size() > std::max<std::size_t>(100, entries_.size() / 100)) return false;
        return std::none_of(whose->begin(), whose->end(), [this](entry_names::ordinal n) { return entries_.at(n).empty(); });
    }

    /// No more than has to be read again.
    static std::vector<std::string> attributes_of(const std::vector<const comparing*>& accused) {
        std::set<std::string_view> reads = {attr::object_class, attr::cn, attr::mail};
        for (const comparing* c : accused)
            for (const auto name : c->object->reads()) reads.insert(name);
        return {reads.begin(), reads.end()};
    }

    void hear(const std::vector<const comparing*>& accused, const sight& e) const {
        for (const comparing* c : accused) c->object->look_again(e, telling(*c->of, wanted_.domain, visit_));
    }

    void hear_all(const std::vector<const comparing*>& accused) {
        std::vector<ldap::filter> any;
        for (const comparing* c : accused) any.push_back(c->object->accused());
        for_each_entry(ldap::filter::any_of(any), attributes_of(accused), [&](const sight& e) { hear(accused, e); });
    }

    void hear_each(const std::vector<const comparing*>& accused) {
        std::set<entry_names::ordinal> ordinals;
        for (const comparing* c : accused) ordinals.insert(c->object->whose()->begin(), c->object->whose()->end());
        std::set<std::string> heard; // an address may be that of two of them
        const auto attributes = attributes_of(accused);
        for (const auto n : ordinals)
            for (const ldap::entry& e : directory_.session().search({directory_.site().layout.container(), ldap::scope::subtree, ldap::filter::equal(attr::mail, entries_.at(n)), attributes}))
                if (heard.insert(e.dn().key()).second) hear(accused, sight(e, around_));
    }

    directory& directory_;
    const options& wanted_;
    domain_table domains_;
    std::vector<const rule*> rules_;
    std::size_t told_ = 0;
    visitor_of_findings visit_;
    context around_;
    std::vector<comparing> comparisons_;
    entry_names entries_;
};

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
    if (wanted.tree && needs_tree(rules)) sum.entries = tree_look(d, wanted, rules, counted).run({}, {"*"});
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
    const auto mend = [&](const sight& e, const std::vector<const rule*>& told) {
        ldap::entry after = e.entry;
        std::vector<const rule*> done;
        for (const rule* r : told) {
            if (r->mend == nullptr || r->repair > most) continue;
            r->mend(e, after);
            done.push_back(r);
        }
        if (!done.empty()) all.change(e.entry, after, e.subject(), codes_of(done));
    };
    tree.run(mend, ldap::whole_entry());
    tree.mend(all, most);
    repairs made{.codes = all.codes};
    made.plan = std::move(all).take();
    return made;
}

} // namespace vmail::check
