#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <utility>

#include <vmail/domain_name.hpp>
#include <vmail/export.hpp>

namespace vmail {

/// A mail address (RFC 5321 Mailbox without address literals): a local part of at most 64 bytes (dot-atom, or quoted string) and a
/// domain; at most 254 bytes in all. ASCII only, as the schema is (no SMTPUTF8).
///
/// The local part keeps the spelling it was given, and is compared without regard to ASCII case, as every daemon
/// that reads the directory does. A quoted local part that needs no quotes loses them, and one that does keeps only the backslashes it
/// needs; empty quotes are refused, because Postfix looks them up as the catch-all. Ordered by domain, then local part.
class VMAIL_EXPORT address {
public:
    /// Throws invalid_value.
    static address parse(std::string_view text);

    /// From parts. The local part is as in parse().
    static address make(std::string_view local_part, const domain_name& domain);

    const std::string& local_part() const noexcept { return local_; }
    const domain_name& domain() const noexcept { return domain_; }

    /// local-part "@" domain, in the spelling that was given.
    std::string text() const;

    /// The text in lower case: equal for equal addresses; for maps and paths.
    std::string key() const;

    friend VMAIL_EXPORT bool operator==(const address&, const address&);
    friend VMAIL_EXPORT std::strong_ordering operator<=>(const address&, const address&);

private:
    address(std::string local, domain_name domain) : local_(std::move(local)), domain_(std::move(domain)) {}
    std::string local_;
    domain_name domain_;
};

/// What an alias may be named: an address, or "@domain", the catch-all of a domain (Postfix virtual(5)).
class VMAIL_EXPORT alias_address {
public:
    /// Throws invalid_value.
    static alias_address parse(std::string_view text);
    static alias_address catch_all(const domain_name& domain);
    alias_address(const address& a); // NOLINT: every address is a name for an alias

    bool is_catch_all() const noexcept { return local_.empty(); }
    const domain_name& domain() const noexcept { return domain_; }
    const std::string& local_part() const noexcept { return local_; } ///< empty for a catch-all
    std::string text() const;
    std::string key() const; ///< as address::key()

    friend VMAIL_EXPORT bool operator==(const alias_address&, const alias_address&);
    friend VMAIL_EXPORT std::strong_ordering operator<=>(const alias_address&, const alias_address&);

private:
    alias_address(std::string local, domain_name domain) : local_(std::move(local)), domain_(std::move(domain)) {}
    std::string local_;
    domain_name domain_;
};

/// One place mail is sent on to: a value of the attribute maildrop. We write addresses only; a tree that others filled
/// may hold anything printable (a bare login, an .autoreply address), which is kept as it is.
class VMAIL_EXPORT maildrop {
public:
    /// Throws invalid_value unless the text is an address.
    static maildrop parse(std::string_view text);
    /// An address, or `LOCAL-PART@localhost`: an account of the mail server itself, which no address of a domain may name. Throws invalid_value.
    static maildrop parse_also_local(std::string_view text);
    /// Takes what the directory holds: any non-empty printable ASCII up to 256 bytes without blanks at its ends. Throws invalid_value.
    static maildrop from_attribute(std::string_view text);
    maildrop(const address& a); // NOLINT: every address is a place to send mail to

    const std::string& text() const noexcept { return text_; }
    std::string key() const; ///< lower case; the attribute is compared without regard to case

    friend VMAIL_EXPORT bool operator==(const maildrop&, const maildrop&);
    friend VMAIL_EXPORT std::strong_ordering operator<=>(const maildrop&, const maildrop&);

private:
    explicit maildrop(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

} // namespace vmail
