#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/ldap/request.hpp>
#include <vmail/ldap/session.hpp>

#include <vmail/check/route_graph.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/check/tree_look.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace attr = schema::attr;
using ldap::filter;

namespace {

bool is_about_routes(const rule* r) {
    const std::array about = {&alias_loop, &targets_too_many, &steps_too_many, &target_missing, &target_stopped, &catch_all_takes_over};
    return std::any_of(about.begin(), about.end(), [r](const rule* one) { return one->code == r->code; });
}

domain_table domains_of(directory& d, const options& wanted) {
    if (wanted.domain && !d.find<backup_domain>(*wanted.domain)) d.get<domain>(*wanted.domain);
    return domain_table(d.session(), d.site());
}

bool has_vacation(directory& d) { return d.session().schema().empty() || d.session().schema().has_class(schema::cls::vacation); }

} // namespace

tree_look::tree_look(directory& d, const options& wanted, rules by, const visitor_of_findings& visit)
    : directory_(d), wanted_(wanted), domains_(domains_of(d, wanted)), rules_(std::move(by)), visit_([this, &visit](const finding& f) {
          ++told_;
          visit(f);
      }),
      around_{d, d.site(), domains_, wanted.now, standing_of(d.session(), d.site()), wanted.domain, wanted.lists_domain, has_vacation(d)} {
    around_.attributes = std::make_shared<visibility>(d.session());
    if (std::any_of(rules_.begin(), rules_.end(), is_about_routes)) around_.routes = std::make_shared<route_graph>();
    for (const rule* r : rules_)
        if (r->compare != nullptr) comparisons_.push_back({r, r->compare(around_)});
}

std::size_t tree_look::run(const std::vector<std::string>& attributes, const finder& found) {
    for_each_entry(filter::present(attr::object_class), attributes, [&](const sight& e) { look_at(e, found); });
    tell_of_hidden();
    look_again();
    return entries_.size();
}

/// Whatever rule would have looked at it.
void tree_look::tell_of_hidden() {
    const telling tell(tree_in_part, wanted_.domain, visit_);
    for (const auto& [name, is_shown] : around_.attributes->known())
        if (!is_shown) tell.unknown("", fmt::format("whether entries have {} is not shown to us", name));
}

void tree_look::mend(mending& all, repair most) {
    for (const auto& c : comparisons_)
        if (c.of->repair != repair::none && c.of->repair <= most) c.object->mend(all, most);
}

void tree_look::for_each_entry(const filter& what, const std::vector<std::string>& attributes, const std::function<void(const sight&)>& visit) {
    const auto look = [&](ldap::entry&& e) {
        if (wanted_.stop && wanted_.stop()) throw error(error_kind::interrupted, "interrupted: what was told is not all");
        visit(sight(e, around_, static_cast<entry_names::ordinal>(entries_.size())));
    };
    const layout& where = directory_.site().layout;
    auto& s = directory_.session();
    const ldap::search_request all{where.container(), ldap::scope::subtree, what, attributes};
    if (wanted_.domain) return for_each_of_a_domain(where.domain(*wanted_.domain), all, look);
    s.for_each(all, look);
    if (!around_.sees_all() || !s.find(where.admins(), ldap::no_attributes())) return;
    s.for_each({where.admins(), ldap::scope::subtree, filter::all_of({filter::equal(attr::object_class, schema::cls::admin), what}), attributes}, look);
}

namespace {

/// Of what is in other domains than the one that is asked for: what it is, where its mail goes, and what no other may have.
std::vector<std::string> compared_attributes() {
    constexpr std::array names = {attr::object_class, attr::cn, attr::vd, attr::mail, attr::uid, attr::uid_number, attr::vd_home, attr::mailbox, attr::maildrop, attr::forward_active,
                                  attr::account_active, attr::delete_, attr::may_receive, attr::disabled_reason, attr::expire_date, attr::mailbox_expiration};
    return {names.begin(), names.end()};
}

} // namespace

/// Its own entries come first, and those of others where something has to be compared with them. No search finds the few that matter: a folder is made of two
/// attributes, and one that lies in another has no value in common with it.
void tree_look::for_each_of_a_domain(const ldap::dn& domain, const ldap::search_request& all, const std::function<void(ldap::entry&&)>& visit) {
    auto& s = directory_.session();
    s.for_each({domain, ldap::scope::subtree, all.filter, all.attributes}, visit);
    if (!around_.routes && std::none_of(comparisons_.begin(), comparisons_.end(), [](const comparing& c) { return c.object->looks_elsewhere(); })) return;
    const bool is_whole = std::find(all.attributes.begin(), all.attributes.end(), "*") != all.attributes.end();
    s.for_each({all.base, all.scope, all.filter, is_whole ? compared_attributes() : all.attributes}, [&](ldap::entry&& e) {
        if (!e.dn().is_within(domain)) visit(std::move(e));
    });
}

void tree_look::look_at(const sight& e, const finder& found) {
    rules told;
    if (e.is_told())
        for (const rule* r : rules_)
            if (r->look != nullptr && tells(*r, e)) told.push_back(r);
    if (around_.routes) around_.routes->gather(e);
    for (const auto& c : comparisons_) c.object->gather(e);
    entries_.add(e.entry.first(attr::mail).value_or(""));
    if (found && !told.empty()) found(e, told);
}

bool tree_look::tells(const rule& r, const sight& e) const {
    const std::size_t before = told_;
    r.look(e, telling(r, wanted_.domain, visit_));
    return told_ > before;
}

void tree_look::look_again() {
    if (around_.routes) around_.routes->settle();
    accusers few, many;
    for (const auto& c : comparisons_)
        if (c.object->settle(telling(*c.of, wanted_.domain, visit_))) (are_few(*c.object) ? few : many).push_back(&c);
    if (!few.empty()) hear_each(few);
    if (!many.empty()) hear_all(many);
}

/// To read one entry by its address costs as much as some dozen in a list.
bool tree_look::are_few(const comparison& c) const {
    const auto* const whose = c.whose();
    if (whose == nullptr || whose->size() > std::max<std::size_t>(100, entries_.size() / 100)) return false;
    return std::none_of(whose->begin(), whose->end(), [this](entry_names::ordinal n) { return entries_.at(n).empty(); });
}

void tree_look::hear(const accusers& by, const sight& e) const {
    for (const comparing* c : by) c->object->look_again(e, telling(*c->of, wanted_.domain, visit_));
}

namespace {

/// No more than has to be read again.
template <typename Accusers> std::vector<std::string> attributes_of(const Accusers& accusers) {
    std::set<std::string_view> reads = {attr::object_class, attr::cn, attr::mail};
    for (const auto* c : accusers)
        for (const auto name : c->object->reads()) reads.insert(name);
    return {reads.begin(), reads.end()};
}

} // namespace

void tree_look::hear_all(const accusers& by) {
    std::vector<filter> any;
    for (const comparing* c : by) any.push_back(c->object->accused());
    for_each_entry(filter::any_of(any), attributes_of(by), [&](const sight& e) { hear(by, e); });
}

void tree_look::hear_each(const accusers& by) {
    std::set<entry_names::ordinal> ordinals;
    for (const comparing* c : by) ordinals.insert(c->object->whose()->begin(), c->object->whose()->end());
    std::set<std::string> heard; // an address may be that of two of them
    const auto attributes = attributes_of(by);
    const ldap::dn& container = directory_.site().layout.container();
    for (const auto n : ordinals)
        for (const ldap::entry& e : directory_.session().search({container, ldap::scope::subtree, filter::equal(attr::mail, entries_.at(n)), attributes}))
            if (heard.insert(e.dn().key()).second) hear(by, sight(e, around_));
}

} // namespace vmail::check
