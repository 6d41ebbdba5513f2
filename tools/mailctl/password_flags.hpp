#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include <vmail/mailbox.hpp>
#include <vmail/password.hpp>
#include <vmail/password_policy.hpp>
#include <vmail/secret.hpp>

#include <cli/invocation.hpp>
#include <cli/record.hpp>

#include "hash_supply.hpp"

namespace vmail::tools {

/// Where a new password comes from. Never the command line itself.
struct password_flags {
    bool from_stdin = false;
    bool prompt = false;
    bool generate = false;
    bool none = false;
    bool is_unsaid = false; ///< none, as nobody said anything
    bool require_change = false;
    std::optional<std::string> file{};
    std::optional<std::string> hash{}; ///< a file, or "-"
    std::optional<std::string> scheme{};
};

void add_password_flags(CLI::App& verb, password_flags& flags);
/// Of mailboxes alone: --require-change.
void add_require_change_flag(CLI::App& verb, password_flags& flags);

/// The same flags of a verb that runs where nobody is: without a password that is given, there is none.
template <typename Flags>
Flags never_asking(Flags flags) {
    password_flags& p = flags.password;
    if (!p.from_stdin && !p.prompt && !p.generate && !p.file && !p.hash && !p.none) p.none = p.is_unsaid = true;
    return flags;
}

/// Tells of new mailboxes that nobody can log in to. None: says nothing.
void note_without_password(invocation& run, std::size_t count);

/// Tells that slapd checks such a password with a module of its own alone.
void note_module(invocation& run, std::string_view scheme, std::string_view module);

/// What a password is for: one that is known already has no rule to meet.
enum class password_use { set, verify };

/// Whether flags take what they say from standard input.
bool reads_stdin(const password_flags& flags) noexcept;
/// Throws error(usage) where the names would be read from it, too.
void refuse_two_uses_of_stdin(const std::vector<std::string>& names, const password_flags& flags);

/// A password as it is stored, and what is to be told of it.
struct hashed_password {
    password_hash hash;
    record told{}; ///< the password, of one that was made here
};

/// The password for one or more mailboxes or administrators.
class password_source {
public:
    /// Reads it once; from `ask` when no flag says otherwise and somebody is there. Throws error(usage) when two flags say two things, limit_exceeded for
    /// one to be set that the settings refuse whoever it is for, invalid_value for a hash that is none.
    password_source(invocation& run, const password_flags& flags, password_use use, const std::function<secret()>& ask);

    /// The same each time, or a fresh one when they are generated. `personal` is what anybody knows of the owner (personal_words()). Nothing: none is to be
    /// set, or its hash alone is known. Throws limit_exceeded for one that the settings refuse.
    std::optional<secret> next(const std::vector<std::string>& personal) const;
    /// The same as what is stored.
    std::optional<hashed_password> hashed(const std::vector<std::string>& personal) const;
    /// How often hashed() will be called.
    void expect(std::size_t times) { expected_ = times; }
    bool empty() const noexcept { return !generated_ && !given_ && !hash_; }
    bool is_generated() const noexcept { return generated_; }
    bool is_hash() const noexcept { return hash_.has_value(); }

private:
    void read(invocation& run, const password_flags& flags, const std::function<secret()>& ask);
    fresh_hash make() const;
    void require_fit(const std::vector<std::string>& personal) const;
    void note_module(invocation& run) const;

    password_policy policy_;
    password_use use_;
    std::optional<secret> given_{};
    std::optional<password_hash> hash_{};
    bool generated_ = false;
    password_scheme scheme_;
    std::size_t expected_ = 1;
    mutable std::unique_ptr<hash_supply> hashes_{}; ///< from the first on
};

} // namespace vmail::tools
