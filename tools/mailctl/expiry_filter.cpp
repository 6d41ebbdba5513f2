#include <vmail/ldap/subschema.hpp>
#include <vmail/schema.hpp>

#include "expiry_filter.hpp"

namespace vmail::tools {

ldap::filter has_end(invocation& run) {
    const bool in_days = run.configuration().expiry_storage == expiry_storage::mailbox_expiration;
    return ldap::filter::present(in_days ? schema::attr::mailbox_expiration : schema::attr::expire_date);
}

ldap::filter ends_until(invocation& run, timestamp instant) {
    const bool in_days = run.configuration().expiry_storage == expiry_storage::mailbox_expiration;
    if (in_days || !run.session().schema().has_ordering(schema::attr::expire_date)) return has_end(run);
    return ldap::filter::less_or_equal(schema::attr::expire_date, expiry(instant).to_attribute());
}

} // namespace vmail::tools
