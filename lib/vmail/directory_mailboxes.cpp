#include <algorithm>

#include <fmt/format.h>

#include <vmail/error.hpp>

#include <vmail/directory.hpp>
#include <vmail/directory_state.hpp>

namespace vmail {

namespace attr = schema::attr;
namespace cls = schema::cls;
using ldap::filter;

namespace {

void check_forward(const mailbox& m)
{
    if (m.forward.active && m.forward.elsewhere(m.address).empty())
        throw invalid_value(fmt::format("the forward of {} has no other target than the mailbox itself", m.address.text()));
}

void replace_target(std::vector<maildrop>& targets, const maildrop& from, const maildrop& to) { std::replace(targets.begin(), targets.end(), from, to); }

} // namespace

std::optional<stored<mailbox>> directory::find_mailbox(const address& a)
{
    return state_->as_stored<mailbox>(state_->find_entry(site().layout.mailbox(a), cls::account, a.text(), a.domain()));
}

stored<mailbox> directory::get_mailbox(const address& a)
{
    auto found = find_mailbox(a);
    if (!found) throw not_found(fmt::format("there is no mailbox {}", a.text()), {.dn = site().layout.mailbox(a).text()});
    return std::move(*found);
}

void directory::add_mailbox(const mailbox& m)
{
    auto& s = *state_;
    check_forward(m);
    const auto d = s.require_domain(m.address.domain());
    s.require_free(m.address);
    s.require_room_for_mailbox(d.value, m.quota);
    s.add(m);
}

bool directory::update(const stored<mailbox>& m)
{
    auto& s = *state_;
    const mailbox before = mailbox::from_entry(m.source, site());
    if (m->forward != before.forward) check_forward(m.value);
    if (m->quota != before.quota) s.require_quota(s.require_domain(m->address.domain()).value, m->quota, m->address);
    return s.update(m);
}

void directory::remove(const stored<mailbox>& m)
{
    state_->perform(ldap::delete_request{m.source.dn(), ldap::precondition::unchanged(m.source)}, "remove");
}

std::size_t directory::rename(const stored<mailbox>& m, const address& to)
{
    auto& s = *state_;
    const address from = m->address;
    if (from == to && from.text() == to.text()) return 0;
    const auto d = s.require_domain(to.domain());
    if (from != to) s.require_free(to);
    if (from.domain() != to.domain()) s.require_room_for_mailbox(d.value, m->quota);

    stored<mailbox> moved = m;
    moved->address = to;
    replace_target(moved->forward.targets, from, to);
    ldap::entry after = m.source;
    moved->to_entry(after, site());
    const auto answer = s.perform(ldap::rename_request{m.source.dn(), after.dn(), ldap::precondition::unchanged(m.source)}, "rename");

    // The server has put the new address into mail; the rest follows, guarded by the version that the renaming made.
    ldap::entry renamed = m.source;
    renamed.set_dn(after.dn());
    renamed.set(attr::mail, to.text());
    if (answer.result.post_read)
        if (const auto csn = answer.result.post_read->first(attr::entry_csn)) renamed.set(attr::entry_csn, *csn);
    after.set(attr::entry_csn, renamed.first(attr::entry_csn));
    if (s.options.dry_run || answer.result.post_read)
        s.update_entry(renamed, after);
    else if (auto now = session().find(after.dn(), directory_attributes::whole)) {
        stored<mailbox> again{mailbox::from_entry(*now, site()), *now};
        replace_target(again->forward.targets, from, to);
        s.update(again);
    }

    std::size_t led_over = 0;
    auto pointing = session().search({site().layout.container(), ldap::scope::subtree, filter::equal(attr::maildrop, from.text()), directory_attributes::whole});
    for (const auto& e : pointing) {
        if (e.dn() == after.dn() || e.dn() == m.source.dn()) continue;
        ldap::entry changed = e;
        std::vector<std::string> targets = *e.find(attr::maildrop);
        for (auto& t : targets)
            if (maildrop::from_attribute(t) == maildrop(from)) t = to.text();
        changed.set(attr::maildrop, std::move(targets));
        if (s.update_entry(e, changed)) ++led_over;
    }
    return led_over;
}

void directory::set_password(const stored<mailbox>& m, const secret& password, std::optional<password_scheme> scheme, bool server_side)
{
    auto& s = *state_;
    if (!server_side) {
        stored<mailbox> changed = m;
        changed->password = hash_password(password, scheme.value_or(password_scheme::yescrypt));
        s.update(changed);
        return;
    }
    if (password.empty()) throw invalid_value("the new password is empty");
    if (s.options.dry_run) {
        s.notice("the server would be asked to set the password (RFC 3062); there is no LDIF for that");
        return;
    }
    session().set_password(m.source.dn(), password).success("set the password of", m.source.dn());
}

} // namespace vmail
