#pragma once

#include <span>
#include <string_view>
#include <vector>

#include <vmail/exchange/field.hpp>
#include <vmail/export.hpp>

namespace vmail::exchange {

/// What records are about.
enum class noun { domain, backup_domain, backup_mail, mailbox, alias, mailing_list, admin };

/// A kind of record. The order of the table is that in which they depend on each other.
struct noun_info {
    noun what;
    std::string_view name;     ///< "mailbox"
    std::string_view list;     ///< what a list of them is called in a document, "mailboxes"
    std::string_view sentence; ///< what they are
    std::vector<const field_info*> fields; ///< the first one is its name
};

/// The whole table.
VMAIL_EXPORT std::span<const noun_info> nouns() noexcept;
/// The row of the kind.
VMAIL_EXPORT const noun_info& info_of(noun n) noexcept;
/// By its name. Throws invalid_value, with the nearest one as a hint.
VMAIL_EXPORT const noun_info& get_noun(std::string_view name);
/// By its name. Throws invalid_value, with the nearest one in the sentence.
VMAIL_EXPORT const field_info& get_field(const noun_info& n, std::string_view name);

template <typename Entity> inline constexpr noun noun_of = noun::domain;
template <> inline constexpr noun noun_of<backup_domain> = noun::backup_domain;
template <> inline constexpr noun noun_of<backup_mail> = noun::backup_mail;
template <> inline constexpr noun noun_of<mailbox> = noun::mailbox;
template <> inline constexpr noun noun_of<alias> = noun::alias;
template <> inline constexpr noun noun_of<mailing_list> = noun::mailing_list;
template <> inline constexpr noun noun_of<admin> = noun::admin;

} // namespace vmail::exchange
