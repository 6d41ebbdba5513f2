#include <fmt/format.h>

#include <vmail/error.hpp>

#include <vmail/jobs/stored_end.hpp>
#include <vmail/schema.hpp>

namespace vmail::jobs {

namespace attr = schema::attr;
using ldap::filter;

stored_end::stored_end(const site& s) : site_(s), is_date_(s.expiry_storage == expiry_storage::expire_date) {}

std::string_view stored_end::attribute() const noexcept { return is_date_ ? attr::expire_date : attr::mailbox_expiration; }

void stored_end::require_in(const ldap::subschema& schema) const {
    if (schema.has_attribute(attribute())) return;
    throw error(error_kind::configuration, fmt::format("the server's schema has no attribute {}", attribute()), {.remedy = remedy::load_schema_or_name_expiry_attribute});
}

/// 14 digits order alike as numbers and as texts, days do not.
bool stored_end::is_ordered_by(const ldap::subschema& schema) const { return is_date_ ? schema.has_ordering(attribute()) : schema.orders_integers(attribute()); }

filter stored_end::ended_by(timestamp then) const { return filter::less_or_equal(attribute(), is_date_ ? then.digits() : expiry(then).to_days(site_.zone)); }

expiry stored_end::read(const ldap::entry& e) const {
    const auto* const values = e.find(attribute());
    if (values == nullptr || values->size() != 1) throw invalid_value(fmt::format("{} has {} values", attribute(), values == nullptr ? 0 : values->size()));
    return is_date_ ? expiry::from_attribute(values->front()) : expiry::from_days(values->front(), site_.zone);
}

} // namespace vmail::jobs
