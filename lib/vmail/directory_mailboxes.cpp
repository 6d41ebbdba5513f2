#include <fmt/format.h>

#include <vmail/error.hpp>

#include <vmail/directory.hpp>
#include <vmail/directory_state.hpp>

namespace vmail {

namespace cls = schema::cls;

namespace {

void check_forward(const mailbox& m) {
    if (m.forward.active && m.forward.elsewhere(m.address).empty())
        throw invalid_value(fmt::format("the forward of {} has no other target than the mailbox itself", m.address.text()));
}

} // namespace

std::optional<stored<mailbox>> directory::find_mailbox(const address& a) {
    return state_->as_stored<mailbox>(state_->find_entry(site().layout.mailbox(a), cls::account, a.text(), a.domain()));
}

stored<mailbox> directory::get_mailbox(const address& a) {
    auto found = find_mailbox(a);
    if (!found) throw not_found(fmt::format("there is no mailbox {}", a.text()), {.dn = site().layout.mailbox(a).text()});
    return std::move(*found);
}

void directory::add_mailbox(const mailbox& m) {
    auto& s = *state_;
    check_forward(m);
    const auto d = s.require_domain(m.address.domain());
    s.require_free(m.address);
    s.require_room_for_mailbox(d.value, m.quota);
    s.add(m);
}

bool directory::update(const stored<mailbox>& m) {
    auto& s = *state_;
    const mailbox before = mailbox::from_entry(m.source, site());
    if (m->forward != before.forward) check_forward(m.value);
    if (m->quota != before.quota) s.require_quota(s.require_domain(m->address.domain()).value, m->quota, m->address);
    return s.update(m);
}

void directory::remove(const stored<mailbox>& m) {
    state_->perform(ldap::delete_request{m.source.dn(), ldap::precondition::unchanged(m.source)}, "remove");
}

void directory::set_password(const stored<mailbox>& m, const secret& password, std::optional<password_scheme> scheme, bool server_side) {
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
