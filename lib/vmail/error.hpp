#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include <vmail/export.hpp>
#include <vmail/remedy.hpp>

namespace vmail {

/// What kind of failure it was: the one thing a caller decides on.
enum class error_kind {
    usage,          ///< the command line makes no sense
    invalid_value,  ///< input data is malformed, or the server's rules refuse it
    input_missing,  ///< an input file is missing or unreadable
    not_found,      ///< no such domain, mailbox, alias or entry
    limit_exceeded, ///< a limit or a policy refuses, of the server or of the domain
    internal,       ///< a bug of ours
    already_exists, ///< the address or the entry exists already
    in_doubt,       ///< a write was sent and never answered, and its outcome could not be found out
    unavailable,    ///< the server is away, busy or full: try again later
    conflict,       ///< somebody changed the entry meanwhile, or holds the lock: read again and try again
    denied,         ///< not permitted, or wrong password
    configuration,  ///< the settings cannot work: bad URI, untrusted certificate, unreadable file
    interrupted,    ///< stopped by a signal
};

/// The word for a kind, as it is printed in JSON and in the man page ("not_found").
VMAIL_EXPORT std::string_view name(error_kind kind) noexcept;

/// One row of the table that turns an LDAP result code into a kind.
struct ldap_error_row {
    int code;              ///< RFC 4511 code, or libldap's negative client-side code
    std::string_view name; ///< the name of the code in the RFC, or libldap's
    error_kind kind;
};

/// The whole table, ordered by code. 0 (success) is not in it. A code that is not in it is error_kind::unavailable if negative
/// and error_kind::invalid_value if not.
VMAIL_EXPORT std::span<const ldap_error_row> ldap_error_table() noexcept;

/// The row's kind of one LDAP result code.
VMAIL_EXPORT error_kind kind_of_ldap_code(int code) noexcept;

/// The name of one LDAP result code ("noSuchObject", "success" for 0), or "code 4711".
VMAIL_EXPORT std::string ldap_code_name(int code);

/// What an error knows beside its sentence.
struct error_details {
    std::string dn{};                           ///< the entry, or empty
    int ldap_code = 0;                          ///< the server's or libldap's code, 0 if there was none
    std::string diagnostic{};                   ///< the server's own words, raw bytes: escape before showing
    std::string hint{};                         ///< what to do about the server or the input, whoever calls: one sentence, or empty
    vmail::remedy remedy = vmail::remedy::none; ///< what the caller can do
    std::string subject{};                      ///< the domain, address or number that the remedy is about, safe to print, or empty
    bool session_usable = true;                 ///< whether the session that threw it can go on without reconnecting
};

/// The root of everything this library throws on purpose.
///
/// what() is one sentence, lower case, without a full stop, safe to print on a terminal: what was being done, to which
/// entry, what happened.
class VMAIL_EXPORT error : public std::runtime_error {
public:
    error(error_kind kind, const std::string& sentence, error_details details = {});
    ~error() override;

    error_kind kind() const noexcept { return kind_; }
    const std::string& dn() const noexcept { return details_.dn; }
    int ldap_code() const noexcept { return details_.ldap_code; }
    const std::string& diagnostic() const noexcept { return details_.diagnostic; }
    const std::string& hint() const noexcept { return details_.hint; }
    vmail::remedy remedy() const noexcept { return details_.remedy; }
    const std::string& subject() const noexcept { return details_.subject; }

    /// The same call may succeed later without anybody changing its input.
    bool retryable() const noexcept { return kind_ == error_kind::unavailable || kind_ == error_kind::conflict; }

    /// A write was sent and may or may not have been applied.
    bool in_doubt() const noexcept { return kind_ == error_kind::in_doubt; }

    bool session_usable() const noexcept { return details_.session_usable; }

    /// Throws a copy of itself, as the leaf type of its kind: for one that was kept.
    [[noreturn]] void raise() const;

private:
    error_kind kind_;
    error_details details_;
};

/// error_kind::invalid_value. Given again, the same input fails again.
class VMAIL_EXPORT invalid_value : public error {
public:
    explicit invalid_value(const std::string& sentence, error_details details = {});
    ~invalid_value() override;
};

/// error_kind::not_found. A server may say so of what it hides from us, too.
class VMAIL_EXPORT not_found : public error {
public:
    explicit not_found(const std::string& sentence, error_details details = {});
    ~not_found() override;
};

/// error_kind::already_exists. dn() is the entry that is there, where it is one that stands in the way.
class VMAIL_EXPORT already_exists : public error {
public:
    explicit already_exists(const std::string& sentence, error_details details = {});
    ~already_exists() override;
};

/// error_kind::conflict. What was decided rests on what is no longer so: read again, and decide again.
class VMAIL_EXPORT conflict : public error {
public:
    explicit conflict(const std::string& sentence, error_details details = {});
    ~conflict() override;
};

/// error_kind::denied, be it of a bind or of an operation.
class VMAIL_EXPORT denied : public error {
public:
    explicit denied(const std::string& sentence, error_details details = {});
    ~denied() override;
};

/// error_kind::limit_exceeded: of a domain, of a password policy, of a cap on changes, or of the size of an answer, which is then no answer at all.
class VMAIL_EXPORT limit_exceeded : public error {
public:
    explicit limit_exceeded(const std::string& sentence, error_details details = {});
    ~limit_exceeded() override;
};

/// error_kind::unavailable. A write that may have been done all the same is in_doubt instead, which has no type of its own.
class VMAIL_EXPORT unavailable : public error {
public:
    explicit unavailable(const std::string& sentence, error_details details = {});
    ~unavailable() override;
};

/// Throws the leaf type that belongs to the kind, or a plain error where a kind has none.
[[noreturn]] VMAIL_EXPORT void throw_error(error_kind kind, const std::string& sentence, error_details details = {});

} // namespace vmail
