#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <vmail/export.hpp>
#include <vmail/ldap/dn.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/session.hpp>

/// The server's own record of changes, as slapo-accesslog(5) of OpenLDAP 2.5 and later keeps it (schema/accesslog.conf).
namespace vmail::ldap {

/// What one part of a modify request did; increment is RFC 4525.
enum class recorded_change { add, remove, replace, increment };

/// One part of a modify request (a value of reqMod).
struct recorded_modification {
    recorded_change what = recorded_change::replace;
    std::string attribute;
    std::vector<std::string> values; ///< none: all values are removed
    bool operator==(const recorded_modification&) const = default;
};

/// An entry that was made.
struct recorded_add {
    ldap::entry entry; ///< with what the server added to it
};
/// An entry that was changed.
struct recorded_modify {
    std::vector<recorded_modification> changes; ///< in their order, with those of the server at the end
};
/// An entry that was taken away: access_record::old has it.
struct recorded_delete {};
/// An entry that got another name.
struct recorded_rename {
    dn new_dn;
    bool keep_old_value = false;
};
/// What was written; of a delete the target says it all.
using recorded_request = std::variant<recorded_add, recorded_modify, recorded_delete, recorded_rename>;

/// One change. All values are bytes, as they were sent.
struct VMAIL_EXPORT access_record {
    std::string id; ///< reqStart: when it was made, in UTC, "20261231235959.123456Z"; one of its own for each record, and in their order as text
    dn target;      ///< the name that the entry had before
    std::string entry_uuid{}; ///< stays the same through all renames; empty where the record has none
    std::string author{};     ///< reqAuthzID, a DN; empty: anonymous
    recorded_request change;
    /// What was there before, by the target's name: all of a deleted entry, of another the attributes that were changed. Empty where the server is not
    /// told to keep it (logold).
    entry old{};
    int code = 0;      ///< the answer: 0, or why nothing was changed
    std::string csn{}; ///< entryCSN that the change gave the entry; of a delete its own

    /// Throws invalid_value for what is no such record: it says what is missing or malformed, and never what the values are.
    static access_record from_entry(const entry& e);
};

/// Whether the server sets the attribute by itself, beside what was asked for: such a value can be shown and not be written.
VMAIL_EXPORT bool is_kept_by_server(std::string_view attribute) noexcept;

/// Where the changes of the database that has this entry are recorded (its operational attribute auditContext). Nothing where they are not, or where this
/// identity may not read them.
VMAIL_EXPORT std::optional<dn> find_access_log(session& s, const dn& of);

/// Which records: those that meet all of these.
struct access_log_query {
    std::optional<dn> target{}; ///< of an entry, by the name that it had before the change
    std::string entry_uuid{};   ///< of an entry, whatever its name; empty: not asked for
    std::string since{};        ///< made then or later, "20261231235959Z" or the id of a record; empty: not asked for
    std::optional<dn> within{}; ///< of this entry or of one below it, by the name before or after the change
};

/// A record of which it cannot be said what was changed.
struct unreadable_record {
    dn name;         ///< of the record
    std::string why; ///< one sentence, safe to print
};

/// Hands over the writes that were recorded in the log, as it has them: oldest first. Returns how many. A record that cannot be read is reported, never left
/// out in silence: also one of which it cannot be told whether it was asked for. Throws not_found when there is no log, invalid_value for a `since` of
/// another form, and as session::for_each() does.
VMAIL_EXPORT std::size_t for_each_access_record(session& s, const dn& log, const access_log_query& query, const std::function<void(access_record&&)>& visit,
                                                const std::function<void(unreadable_record&&)>& unreadable);

} // namespace vmail::ldap
