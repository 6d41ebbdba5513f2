#include <fmt/format.h>

#include <vmail/error.hpp>

#include <vmail/schema.hpp>
#include <vmail/service_change.hpp>

namespace vmail {

service_change::service_change(directory& d) : directory_(d), records_(d.records_reasons()), author_(author_of(d.session().identity())) {}

void service_change::disable(entry_state& e, std::string_view reason, const std::string& comment) const {
    const bool same = !e.active && !e.has_problem(schema::attr::account_active) && (!records_ || (e.disabled.reason == reason && e.disabled.comment == comment));
    if (same) return;
    e.active = false;
    e.forget_problem(schema::attr::account_active);
    if (records_) e.disabled = {std::string(reason), author_, timestamp::now(), comment};
}

void service_change::start(entry_state& e) {
    e.active = true;
    e.forget_problem(schema::attr::account_active);
    e.disabled = {};
}

void service_change::enable(entry_state& e) const {
    if (e.removed && records_) return disable(e, reason::removed);
    start(e);
}

// Without a record nobody could tell later whether it worked before.
void service_change::mark_removed(entry_state& e) const {
    if (e.removed && !e.has_problem(schema::attr::delete_)) return;
    e.removed = true;
    e.forget_problem(schema::attr::delete_);
    if (!records_) return;
    e.removed_at = timestamp::now();
    if (e.active) disable(e, reason::removed);
}

void service_change::restore(entry_state& e) const {
    e.removed = false;
    e.forget_problem(schema::attr::delete_);
    e.removed_at.reset();
    if (!e.active && e.disabled.reason == reason::removed) start(e);
}

template <typename Entity> void service_change::set_end(Entity& e, const std::optional<expiry>& end, timestamp now) const {
    const bool ahead = !end || !end->passed(now);
    e.expires = end;
    e.forget_problem(directory_.site().expiry_storage == expiry_storage::expire_date ? schema::attr::expire_date : schema::attr::mailbox_expiration);
    if (ahead && !e.active && e.disabled.reason == reason::expired) enable(e);
}

void service_change::set_expiry(mailbox& m, const std::optional<expiry>& end, timestamp now) const { set_end(m, end, now); }
void service_change::set_expiry(alias& a, const std::optional<expiry>& end, timestamp now) const { set_end(a, end, now); }

} // namespace vmail
