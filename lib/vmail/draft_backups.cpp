#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/draft_state.hpp>
#include <vmail/ldap/session.hpp>

namespace vmail {

namespace cls = schema::cls;
using ldap::filter;

namespace {

template <typename Entity> void plan_new(draft::state& s, const Entity& e) {
    s.require_known(e.other);
    ldap::entry fresh;
    e.to_entry(fresh, s.site());
    s.plan_addition(text_of(e), std::move(fresh));
}

template <typename Entity> void plan_removal(draft::state& s, const stored<Entity>& e) {
    draft::state::item one(s);
    one.add(text_of(e.value), "removed").requests = {ldap::delete_request{e.source.dn(), s.guard_of(e.source)}};
    one.commit();
    s.will_be(text_of(e.value), std::nullopt);
}

void require_backup_domain(draft::state& s, const domain_name& name) {
    if (s.find<backup_domain>(name)) return;
    const bool is_ours = s.find<domain>(name).has_value();
    throw not_found(is_ours ? name.text() + " is a domain of this site, not one that it only takes mail for" : "there is no backup domain " + name.text(),
                    {.dn = s.layout().domain(name).text(), .remedy = is_ours ? remedy::none : remedy::add_backup_domain, .subject = name.text()});
}

} // namespace

void draft::state::require_free(const domain_name& name) {
    const auto refuse = [&](const char* what) { throw already_exists(fmt::format("{} is {} already", name.text(), what), {.dn = layout().domain(name).text(), .subject = name.text()}); };
    if (find<backup_domain>(name)) refuse("a backup domain");
    if (const auto d = find<domain>(name)) refuse(d->value.removed ? "a domain of this site, marked as removed," : "a domain of this site");
    require_unborne(name);
}

void draft::add(const backup_domain& d) {
    state_->require_free(d.name);
    plan_new(*state_, d);
}

void draft::add(const backup_mail& m) {
    require_backup_domain(*state_, m.address.domain());
    state_->require_free(m.address);
    plan_new(*state_, m);
}

void draft::remove(const stored<backup_domain>& d) {
    auto& s = *state_;
    std::size_t left = 0;
    for (const ldap::entry& e : s.session().search({d.source.dn(), ldap::scope::children, filter::present(schema::attr::object_class), {std::string(schema::attr::mail)}}))
        if (s.stays(e)) ++left;
    if (left > 0)
        throw invalid_value(fmt::format("the backup domain {} is not empty: it holds {} {}", d->name.text(), left, left == 1 ? "entry" : "entries"),
                            {.dn = d.source.dn().text(), .remedy = remedy::empty_backup_domain, .subject = d->name.text()});
    plan_removal(s, d);
}

void draft::remove(const stored<backup_mail>& m) { plan_removal(*state_, m); }

} // namespace vmail
