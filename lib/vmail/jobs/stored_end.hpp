#pragma once

#include <string_view>

#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/ldap/subschema.hpp>
#include <vmail/layout.hpp>
#include <vmail/timestamp.hpp>

/// Internal to the jobs.
namespace vmail::jobs {

/// How a site stores the end of a mailbox: as an instant, or in days.
class stored_end {
public:
    /// The site must outlive it.
    explicit stored_end(const site& s);

    std::string_view attribute() const noexcept;
    /// Throws error(configuration) where the schema has no such attribute: a search for it would find nothing, with success.
    void require_in(const ldap::subschema& schema) const;
    bool is_ordered_by(const ldap::subschema& schema) const;
    /// Matches all that has ended by then; days also match what ends later on the same day.
    ldap::filter ended_by(timestamp then) const;
    /// Throws invalid_value.
    expiry read(const ldap::entry& e) const;

private:
    const site& site_;
    bool is_date_;
};

} // namespace vmail::jobs
