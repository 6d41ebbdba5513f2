#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <vmail/export.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/filter.hpp>

namespace vmail::ldap {

class packed_entry;

/// RFC 4511 section 4.5.1.2; `children` is all below the base without itself, by an extension that OpenLDAP has.
enum class scope { base, one, subtree, children };

/// What a search asks for (RFC 4511 section 4.5.1). Aliases of LDAP are never followed.
struct search_request {
    dn base;
    ldap::scope scope = ldap::scope::subtree;
    ldap::filter filter = ldap::filter::present("objectClass");
    /// None asks for all user attributes. Operational ones are asked for by name or with "+".
    std::vector<std::string> attributes{};
};

/// All that we may have to keep, and what guards a write.
inline std::vector<std::string> whole_entry() { return {"*", "entryUUID", "entryCSN"}; }
/// Names only (RFC 4511 section 4.5.1.8).
inline std::vector<std::string> no_attributes() { return {"1.1"}; }

/// The state an entry must be in for a write to happen, checked by the server together with the write (RFC 4528).
struct VMAIL_EXPORT precondition {
    std::string entry_uuid{}; ///< empty: not asked for
    std::string entry_csn{};  ///< empty: not asked for
    std::vector<filter> also{};
    std::shared_ptr<const packed_entry> as_read{}; ///< the whole entry of that version, for the record of what was before; null: nobody has read it

    /// Of an entry that was read with its operational attributes. Throws invalid_value when they are missing.
    static precondition unchanged(const entry& e);
    /// The same of one that was read as whole_entry(), and is kept.
    static precondition unchanged_whole(const entry& e);
    /// The entry as it was read, if it is of the version that is asked for.
    std::optional<entry> entry_before() const;

    std::optional<filter> to_filter() const; ///< nothing when nothing is asked for
};

/// Makes an entry, and fails where its name is taken: it needs no guard.
struct add_request {
    ldap::entry entry;
};

/// Changes attributes of an entry: all that it names, or none.
struct modify_request {
    ldap::dn dn;
    std::vector<modification> changes;
    precondition guard{};
};

/// Takes an entry away that has none below it.
struct delete_request {
    ldap::dn dn;
    precondition guard{};
};

/// Gives an entry another RDN, or another parent.
struct rename_request {
    ldap::dn dn;
    ldap::dn new_dn;
    precondition guard{};
    /// deleteoldrdn: 0: the value that the old name was made of stays among the attributes, so that the entry is found by both for a while.
    bool keep_old_value = false;
};

/// What a plan is made of, a journal holds and a session sends.
using write_request = std::variant<add_request, modify_request, delete_request, rename_request>;

/// The entry it is about: of a rename by its old name. Valid as long as the request.
VMAIL_EXPORT const dn& target(const write_request& request);
/// What the request asks of the entry; null: an addition asks for nothing.
VMAIL_EXPORT const precondition* guard_of(const write_request& request) noexcept;
/// The same, to be changed.
VMAIL_EXPORT precondition* guard_of(write_request& request) noexcept;
/// "add", "change", "remove", "rename": what completes "cannot ...".
VMAIL_EXPORT std::string_view doing(const write_request& request) noexcept;
/// The size of the request's names and values, in bytes: what a window is counted in.
VMAIL_EXPORT std::size_t approximate_size(const write_request& request);

} // namespace vmail::ldap
