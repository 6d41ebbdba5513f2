#include <type_traits>

#include <fmt/format.h>

#include <vmail/error.hpp>

#include <vmail/directory.hpp>
#include <vmail/directory_state.hpp>

/// What takes entities out of service and brings them back.
namespace vmail {

namespace {

std::string text_of(const stored<domain>& d) { return d->name.text(); }
std::string text_of(const stored<mailbox>& m) { return m->address.text(); }
std::string text_of(const stored<alias>& a) { return a->address.text(); }

} // namespace

template <typename Entity>
bool directory::disable(stored<Entity> e, std::string_view reason, const std::string& comment) {
    const bool recorded = records_reasons();
    if (!recorded) state_->notice("the server has not loaded vmail.schema: why " + text_of(e) + " is disabled is not recorded");
    const bool same = !e->active && !e->has_problem(schema::attr::account_active) &&
                      (!recorded || (e->disabled.reason == reason && e->disabled.comment == comment));
    if (same) return false;
    e->active = false;
    e->forget_problem(schema::attr::account_active);
    if (recorded) e->disabled = {std::string(reason), author_of(session().identity()), timestamp::now(), comment};
    return state_->update(e);
}

template <typename Entity>
bool directory::enable(stored<Entity> e) {
    e->active = true;
    e->forget_problem(schema::attr::account_active);
    e->disabled = {};
    if constexpr (std::is_same_v<Entity, mailbox>)
        if (e->expires && e->expires->passed(timestamp::now()))
            state_->notice(
                fmt::format("the time of {} was up on {}: the next expiry run disables it again", text_of(e), e->expires->text(site().zone)));
    return state_->update(e);
}

template <typename Entity>
bool directory::mark_removed(stored<Entity> e) {
    if (e->removed && !e->has_problem(schema::attr::delete_)) return false;
    e->removed = true;
    e->forget_problem(schema::attr::delete_);
    if (records_reasons()) e->removed_at = timestamp::now();
    return state_->update(e);
}

template <typename Entity>
bool directory::restore(stored<Entity> e) {
    if constexpr (std::is_same_v<Entity, mailbox>)
        if (e->removed) state_->require_room_for_mailbox(state_->require_domain(e->address.domain()).value, e->quota);
    e->removed = false;
    e->forget_problem(schema::attr::delete_);
    e->removed_at.reset();
    return state_->update(e);
}

bool directory::set_expiry(stored<mailbox> m, std::optional<expiry> end, timestamp now) {
    const bool ahead = !end || !end->passed(now);
    const bool by_the_run = m->disabled.reason == reason::expired;
    m->expires = end;
    m->forget_problem(site().expiry_storage == expiry_storage::expire_date ? schema::attr::expire_date : schema::attr::mailbox_expiration);
    if (ahead && !m->active && by_the_run) {
        m->active = true;
        m->disabled = {};
    } else if (ahead && !m->active && m->disabled.reason.empty()) {
        state_->notice(
            fmt::format("{} stays disabled, as nothing tells whether the expiry run or a person did it: enable it by hand", m->address.text()));
    }
    return state_->update(m);
}

template bool directory::disable(stored<domain>, std::string_view, const std::string&);
template bool directory::disable(stored<mailbox>, std::string_view, const std::string&);
template bool directory::disable(stored<alias>, std::string_view, const std::string&);
template bool directory::enable(stored<domain>);
template bool directory::enable(stored<mailbox>);
template bool directory::enable(stored<alias>);
template bool directory::mark_removed(stored<domain>);
template bool directory::mark_removed(stored<mailbox>);
template bool directory::restore(stored<domain>);
template bool directory::restore(stored<mailbox>);

} // namespace vmail
