#include <vmail/ascii.hpp>

#include <vmail/draft_second_address.hpp>
#include <vmail/naming.hpp>

namespace vmail {

namespace attr = schema::attr;
namespace cls = schema::cls;

namespace {

bool is_named_by_mail(const ldap::dn& name) { return naming::rdn_value(name, attr::mail).has_value(); }

/// Values that were made from the address go with it; others are somebody's own.
void replace_derived(ldap::entry& e, std::string_view attribute, std::string_view made_from_old, const std::string& made_from_new) {
    const auto present = e.first(attribute);
    if (present && ascii::iequals(*present, made_from_old)) e.set(attribute, made_from_new);
}

} // namespace

ldap::modify_request addition_of_mail(const ldap::entry& e, const std::string& mail, const ldap::precondition& guard) {
    return {e.dn(), {{ldap::change::add, std::string(attr::mail), {mail}}}, guard};
}

ldap::dn new_name_of(const ldap::entry& e, const alias_address& from, const alias_address& to, const layout& where) {
    const bool usual = is_named_by_mail(e.dn()) || e.dn() == where.alias(from);
    if (usual) return where.alias(to);
    return e.dn().renamed_below(where.domain(to.domain()));
}

std::vector<ldap::write_request> requests_for_second_address(const ldap::entry& e, const ldap::dn& name, const std::string& mail, const ldap::precondition& guard) {
    std::vector<ldap::write_request> requests;
    const auto named_by = naming::rdn_value(name, attr::mail);
    const bool comes_with_name = named_by && ascii::iequals(*named_by, mail);
    if (!comes_with_name && !naming::holds(e, attr::mail, mail)) requests.push_back(addition_of_mail(e, mail, guard));
    if (e.dn() != name) requests.push_back(ldap::rename_request{e.dn(), name, requests.empty() ? guard : guard_of(e), true});
    return requests;
}

ldap::entry with_second_address(ldap::entry e, const ldap::dn& name, const std::string& mail) {
    e.set_dn(name);
    if (!naming::holds(e, attr::mail, mail)) e.add_value(attr::mail, mail);
    naming::settle(e);
    return e;
}

ldap::entry without_old_address(ldap::entry e, const alias_address& from, const alias_address& to, draft::state& s) {
    std::vector<std::string> left = *e.find(attr::mail);
    std::erase_if(left, [&](const std::string& v) { return ascii::iequals(v, from.text()); });
    e.set(attr::mail, std::move(left));
    if (!e.has_class(cls::account)) return e;
    const address old = address::make(from.local_part(), from.domain()), fresh = address::make(to.local_part(), to.domain());
    if (const auto uid = e.first(attr::uid); uid && ascii::iequals(*uid, naming::login_of(old))) e.set(attr::uid, s.choose_login(fresh));
    replace_derived(e, attr::mail_autoreply, naming::autoreply_of(old), naming::autoreply_of(fresh));
    return e;
}

void draft::state::lead_over(item& one, const address& from, const address& to, std::size_t stage, const is_own_entry& is_own) {
    const auto readdress = readdressing::of(from, to, site());
    for (const ldap::entry& found : session().search({layout().container(), ldap::scope::subtree, readdress.selects(), ldap::whole_entry()})) {
        if (is_own(found)) continue;
        const ldap::entry e = as_planned(found);
        ldap::entry after = readdress.lead_over(e);
        auto request = request_for(e, after);
        if (!request) continue;
        one.add_part(naming::subject_of(e), "led over", stage).requests = {std::move(*request)};
        will_be(naming::subject_of(e), std::move(after));
    }
    lead_over_administrators(one, readdress, stage);
}

void draft::state::keep_as_alias(item& one, const address& from, const address& to, std::size_t stage, bool is_begun) {
    auto& r = require_domain(from.domain(), is_begun);
    const domain_places more{.aliases = site().role_addresses.has(from.local_part()) ? 0U : 1U};
    rooms.require(r, more);
    rooms.take(r, more);
    alias kept(from);
    kept.targets = {to};
    note_stopped_domain(kept);
    ldap::entry fresh;
    kept.to_entry(fresh, site());
    auto& c = one.add_part(from.text(), "created", stage);
    c.requests = {ldap::add_request{fresh}};
    c.claim = r.claim;
    will_be(from.text(), std::move(fresh));
}

} // namespace vmail
