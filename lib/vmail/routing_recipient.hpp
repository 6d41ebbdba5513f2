#pragma once

#include <optional>
#include <string>
#include <string_view>

/// How Postfix takes an address apart while it expands aliases. Internal.
namespace vmail::routing {

/// A recipient on its way: whatever a tree may hold as a target, not only what is a valid address.
struct recipient {
    std::string local{};  ///< without quotes
    std::string domain{}; ///< empty: a login of the mail server itself

    static recipient parse(std::string_view text);

    /// With quotes where the local part needs them (RFC 5322 dot-atom), as maps are asked for it.
    std::string text() const;
    std::string key() const; ///< the text in lower case
    /// As maps are asked next where text() was not found: without quotes.
    std::string bare_key() const;
};

/// Whose mailbox Dovecot takes a recipient for, with the files of schema/dovecot: it cuts at the first delimiter wherever that is, as Postfix does not. Nothing
/// for a name that needs quotes, which it has no user for.
std::optional<recipient> dovecot_user(const recipient& r, std::string_view delimiters);

/// An address without its extension, and that with its delimiter: "bob@example.org" and "+lists".
struct extended {
    recipient base;
    std::string extension;
};

/// As split_addr(3) does with recipient_delimiter: at the first delimiter, unless that is the first byte; never "postmaster", "mailer-daemon" and, where the
/// delimiter is "-", "owner-NAME" and "NAME-request".
std::optional<extended> without_extension(const recipient& r, std::string_view delimiters);

} // namespace vmail::routing
