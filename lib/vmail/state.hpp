#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/export.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/timestamp.hpp>

namespace vmail {

class directory;

/// The words of vmailDisabledReason that we write.
namespace reason {
inline constexpr std::string_view expired = "expired";         ///< by the expiry run; extending the date brings the mailbox back
inline constexpr std::string_view manual = "manual";           ///< by a person
inline constexpr std::string_view compromised = "compromised"; ///< by a person, because somebody else had the password
inline constexpr std::string_view domain = "domain";           ///< because its domain is disabled or removed; goes with that
inline constexpr std::string_view removed = "removed";         ///< because it is marked as removed, or about to be deleted; goes with that mark
} // namespace reason

/// Why something is disabled, by whom and since when. All may be empty: Phamm records nothing.
struct VMAIL_EXPORT disabled_state {
    std::string reason{};
    std::string by{}; ///< the identity that did it, as the server sees it
    std::optional<timestamp> at{};
    std::string comment{};
    bool operator==(const disabled_state&) const = default;
};

/// Who we are to the server (ldap::session::identity(), RFC 4532), as it is written into disabled_state::by.
VMAIL_EXPORT std::string author_of(const std::string& identity);

/// An attribute whose value is not what the schema means by it. It stays as it is until it is set anew.
struct problem {
    std::string attribute;
    std::string sentence; ///< what is wrong, safe to print
    bool operator==(const problem&) const = default;
};

/// By attribute.
using attribute_values = std::map<std::string, std::vector<std::string>>;

/// The part of an entry that domains, mailboxes and aliases share.
struct VMAIL_EXPORT entry_state {
    bool active = true;   ///< accountActive
    bool removed = false; ///< delete: to be purged; no daemon accepts it any more. Aliases cannot have it.
    std::optional<timestamp> removed_at{}; ///< where the server has our schema
    std::optional<timestamp> created{};    ///< creationDate
    std::optional<timestamp> changed{};    ///< lastChange; set by every write, never by the caller
    disabled_state disabled{};             ///< what is recorded where the server has our schema
    std::vector<problem> problems{};
    /// What no member models, to be stored as it is given: telephoneNumber, title. No values: removed. from_entry() leaves it empty, to_entry() throws
    /// invalid_value for an attribute that a member models, and the server's schema is the judge of the rest.
    attribute_values other{};

    bool has_problem(std::string_view attribute) const noexcept;
    /// The next to_entry() then writes the attribute anew, or removes it where there is nothing to write (but never a password).
    void forget_problem(std::string_view attribute);
};

/// An entity with the entry it came from: what an update is compared with and guarded by.
template <typename Entity> struct stored {
    Entity value;
    ldap::entry source;
    Entity* operator->() & noexcept { return &value; }
    const Entity* operator->() const& noexcept { return &value; }
    /// What a temporary points to is gone before a loop over it begins.
    const Entity* operator->() const&& = delete;
};

/// An entry that could not be read as what it claims to be.
struct unreadable_entry {
    ldap::dn dn;
    std::string sentence; ///< safe to print
};

/// All entities of a kind: it exists only if the server said that there are no more. Whatever disables or removes by a list takes one of these.
template <typename Entity> class listing {
public:
    std::vector<stored<Entity>> items{};
    std::vector<unreadable_entry> unreadable{};

private:
    friend class directory;
    listing() = default;
};

} // namespace vmail
