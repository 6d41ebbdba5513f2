#pragma once

#include <array>
#include <span>
#include <string_view>

#include <vmail/admin.hpp>
#include <vmail/alias.hpp>
#include <vmail/backup.hpp>
#include <vmail/domain.hpp>
#include <vmail/exchange/value.hpp>
#include <vmail/export.hpp>
#include <vmail/mailbox.hpp>
#include <vmail/mailing_list.hpp>
#include <vmail/timestamp.hpp>

/// What can be written of domains, mailboxes and the rest, field by field: the one vocabulary of files, descriptions and schemas.
namespace vmail::exchange {

/// Who may write a field: these, and the site's administrators always. schema/acl.conf is what decides.
enum class writer {
    owner,         ///< the owner of the mailbox, and who may edit accounts
    editor,        ///< an administrator of the domain who may edit accounts
    administrator, ///< any administrator of the domain
    himself,       ///< the administrator whose entry it is, and no other
    site,          ///< nobody else
};
/// "the owner, administrators with editAccounts".
VMAIL_EXPORT std::string_view explain(writer w) noexcept;
/// "owner", "editor", "administrator", "himself", "site".
VMAIL_EXPORT std::string_view name(writer w) noexcept;

/// What a text means that does not say it itself.
struct conversion {
    time_zone zone;
    timestamp now;
    bool is_there_unknown = false; ///< what the directory holds: what could not be set may be what is there, such as a target that is no address
};

/// One field, without what it belongs to.
struct field_info {
    std::string_view name; ///< "forward_targets"
    exchange::form form;
    std::array<std::string_view, 2> attributes; ///< of the directory; the second may be empty
    writer who;
    std::string_view sentence; ///< what it is
};

/// The same of one kind of entity. The first of its fields is its name, which nothing sets.
template <typename Entity>
struct field : field_info {
    value (*get)(const Entity&, const conversion&);
    /// Throws invalid_value. The value has the form of the field.
    void (*set)(Entity&, const value&, const conversion&);
};

/// Of domains: the one that says nothing of the entry, but how it is made. It is read and set by nobody.
constexpr std::string_view role_addresses_field = "role_addresses";

/// @{
/// The table of a kind, its name first.
template <typename Entity> std::span<const field<Entity>> fields_of() noexcept;
template <> VMAIL_EXPORT std::span<const field<domain>> fields_of<domain>() noexcept;
template <> VMAIL_EXPORT std::span<const field<mailbox>> fields_of<mailbox>() noexcept;
template <> VMAIL_EXPORT std::span<const field<alias>> fields_of<alias>() noexcept;
template <> VMAIL_EXPORT std::span<const field<mailing_list>> fields_of<mailing_list>() noexcept;
template <> VMAIL_EXPORT std::span<const field<admin>> fields_of<admin>() noexcept;
template <> VMAIL_EXPORT std::span<const field<backup_domain>> fields_of<backup_domain>() noexcept;
template <> VMAIL_EXPORT std::span<const field<backup_mail>> fields_of<backup_mail>() noexcept;
/// @}

/// @{
/// Sets a field and forgets what its attributes held that makes no sense. What the field has already is left as it is, whether or not it could be set: others
/// put there what no record may ask for. Throws invalid_value, which names the field.
VMAIL_EXPORT void set_field(domain& e, const field<domain>& f, const value& v, const conversion& c);
VMAIL_EXPORT void set_field(mailbox& e, const field<mailbox>& f, const value& v, const conversion& c);
VMAIL_EXPORT void set_field(alias& e, const field<alias>& f, const value& v, const conversion& c);
VMAIL_EXPORT void set_field(mailing_list& e, const field<mailing_list>& f, const value& v, const conversion& c);
VMAIL_EXPORT void set_field(admin& e, const field<admin>& f, const value& v, const conversion& c);
VMAIL_EXPORT void set_field(backup_domain& e, const field<backup_domain>& f, const value& v, const conversion& c);
VMAIL_EXPORT void set_field(backup_mail& e, const field<backup_mail>& f, const value& v, const conversion& c);
/// @}

/// Whether what the directory holds of a field makes no sense, so that nothing can be told of it.
inline bool is_nonsense(const entry_state& e, const field_info& f) noexcept {
    return e.has_problem(f.attributes[0]) || (!f.attributes[1].empty() && e.has_problem(f.attributes[1]));
}

} // namespace vmail::exchange
