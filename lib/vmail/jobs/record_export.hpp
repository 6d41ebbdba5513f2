#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <vmail/directory.hpp>
#include <vmail/domain_name.hpp>
#include <vmail/exchange/noun.hpp>
#include <vmail/exchange/record.hpp>
#include <vmail/export.hpp>

namespace vmail {

/// What is written down, and who hears of what is not.
struct record_export_options {
    std::optional<domain_name> domain{};       ///< nothing: all
    std::vector<exchange::noun> kinds{};       ///< empty: all
    bool passwords = false;                    ///< with password_hash
    /// Of a kind that was not asked for by name and may not be seen; empty: that throws.
    std::function<void(exchange::noun)> unseen{};
    /// Of a field that the record cannot say, as what is there makes no sense or no file could hold it.
    std::function<void(const exchange::record&, const exchange::field_info&)> left_out{};
    /// Of an address that an entry before had as well: there are records of both, and no plan is made of them.
    std::function<void(const std::string& address, const ldap::dn& other)> twice{};
};

/// Hands over a record of each entity, kind by kind, in the order of exchange::nouns(), without fields that are null or cannot be said. What is marked as removed
/// is left out, and so are aliases that are no more than addresses of a mailing list. What cannot be read goes to the second function, each once. Complete but for that, or it throws.
VMAIL_EXPORT void export_records(directory& d, const record_export_options& options, const std::function<void(exchange::record&&)>& visit,
                                 const std::function<void(unreadable_entry&&)>& unreadable);

} // namespace vmail
