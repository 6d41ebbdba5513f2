#include <vmail/schema.hpp>
#include <vmail/service.hpp>

namespace vmail {

namespace {

service_state stopped(std::string_view why, std::optional<timestamp> since) {
    return {.in_service = false, .why = why, .since = since, .receives = false};
}

service_state of_itself(const entry_state& e) {
    if (e.removed) return stopped(service_word::removed, e.removed_at);
    if (e.has_problem(schema::attr::account_active)) return stopped(service_word::invalid, std::nullopt);
    if (!e.active) return stopped(e.disabled.reason == reason::expired ? service_word::expired : service_word::disabled, e.disabled.at);
    return {};
}

/// To the domain's readers a missing accountActive is no TRUE either.
service_state below(const service_state& domain) {
    if (domain.in_service) return {};
    return stopped(domain.why == service_word::removed ? service_word::domain_removed : service_word::domain_disabled, domain.since);
}

service_state of_time(const std::optional<expiry>& end, timestamp now) {
    if (!end || !end->passed(now)) return {};
    return {.why = service_word::overdue, .since = end->at()};
}

/// Stopped itself; or, where that was done because its domain is, as its domain is.
service_state of_stopped(const entry_state& e, const service_state& own, const service_state& above) {
    const bool along = own.why == service_word::disabled && e.disabled.reason == reason::domain;
    return along && !above.in_service ? below(above) : own;
}

} // namespace

service_state service_of(const domain& d) { return of_itself(d); }
service_state service_of(const backup_domain& d) { return of_itself(d); }
service_state service_of(const admin& a) { return of_itself(a); }

service_state service_of(const backup_mail& m, const service_state& above) {
    const service_state own = of_itself(m);
    return own.in_service ? below(above) : own;
}

service_state service_of(const alias& a, const service_state& above, timestamp now) {
    const service_state own = of_itself(a);
    if (!own.in_service) return of_stopped(a, own, above);
    return above.in_service ? of_time(a.expires, now) : below(above);
}

service_state service_of(const mailing_list& l, const service_state& above) {
    if (!l.has_public_address) return stopped(service_word::unfinished, std::nullopt);
    const service_state own = of_itself(l);
    return own.in_service ? below(above) : of_stopped(l, own, above);
}

service_state service_of(const mailbox& m, const service_state& above, timestamp now) {
    service_state s = of_itself(m);
    if (!s.in_service) return of_stopped(m, s, above);
    s = above.in_service ? of_time(m.expires, now) : below(above);
    s.logs_in = m.may_log_in;
    s.sends = m.smtp_auth;
    s.receives = s.receives && m.may_receive;
    return s;
}

void domain_states::add(const domain& d) { known_.insert_or_assign(d.name.text(), service_of(d)); }

const service_state& domain_states::of(const domain_name& name) {
    const auto known = known_.find(name.text());
    if (known != known_.end()) return known->second;
    return known_.emplace(name.text(), find_ ? find_(name).value_or(service_state{}) : service_state{}).first->second;
}

} // namespace vmail
