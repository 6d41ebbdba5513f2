#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/export.hpp>
#include <vmail/ldap/dn.hpp>
#include <vmail/ldap/entry.hpp>

namespace vmail::ldap {

/// The answer to one request, as a value. success() turns it into an error.
struct VMAIL_EXPORT result {
    int code = 0;             ///< RFC 4511 code, or libldap's negative client-side code
    std::string matched_dn{}; ///< raw
    std::string diagnostic{}; ///< the server's words, raw
    std::vector<std::string> referrals{};
    std::optional<entry> pre_read{};  ///< the entry before the write, when that was asked for (RFC 4527)
    std::optional<entry> post_read{}; ///< the entry after it

    bool ok() const noexcept { return code == 0; }

    /// Throws the error that belongs to the code unless it is 0. `doing` completes "cannot ...": "read", "add", "change".
    void success(std::string_view doing, const dn& name) const;
};

/// Why it was not done, to follow "cannot ...: ", safe to print: in words that name what is the matter where a code has one cause, and libldap's else, with
/// those of the server.
std::string reason_of(const result& r);

/// What is known of a write.
enum class outcome {
    done,     ///< applied, by its answer or by reading back
    not_done, ///< refused, and the result says why
    unknown,  ///< sent, never answered, and not to be settled
    not_sent, ///< the run ended before it left
};

/// What became of one write. The outcome decides, not result.ok(): of what was settled there is no answer.
struct write_result {
    ldap::outcome outcome = ldap::outcome::unknown;
    ldap::result result{};
    bool settled = false; ///< the answer was lost; reading back settled it

    /// Throws unless done; in_doubt when unknown, unavailable when it was not sent.
    VMAIL_EXPORT void success(std::string_view doing, const dn& name) const;
};

} // namespace vmail::ldap
