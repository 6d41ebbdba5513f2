#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <vmail/mailbox.hpp>
#include <vmail/password.hpp>
#include <vmail/plan.hpp>
#include <vmail/secret.hpp>

#include <cli/invocation.hpp>

#include "hash_supply.hpp"

namespace vmail::tools {

/// Where the passwords of many new mailboxes go.
struct new_password_flags {
    std::optional<std::string> file{};     ///< --passwords-out
    std::optional<std::string> letters{};  ///< --letters, a folder
    std::optional<std::string> letter{};   ///< --template, a file
    std::optional<std::string> scheme{};   ///< --password-scheme
};

void add_new_password_flags(CLI::App& verb, new_password_flags& flags);
/// Whether any of them is.
inline bool is_given(const new_password_flags& flags) noexcept { return flags.file || flags.letters || flags.letter || flags.scheme; }

/// Passwords of mailboxes in the making: generated, and written down before the first of them is set.
class new_passwords {
public:
    /// Throws error(usage) for flags that do not go together or a place that is taken: what is there may be the only copy of passwords that are set;
    /// invalid_value for a template that asks for what nobody knows.
    new_passwords(invocation& run, const new_password_flags& flags);

    bool are_wanted() const noexcept { return flags_.file || flags_.letters; }
    /// How many there may be.
    void expect(std::size_t count) { expected_ = count; }
    void give(mailbox& m);
    /// Whole or not at all, without those that cannot be made.
    void write(const plan& p);

private:
    struct person {
        mailbox whose;
        secret password;
    };

    std::string letter_to(const person& p) const;
    void write_file(const std::vector<const person*>& people) const;
    void write_letters(const std::vector<const person*>& people) const;

    invocation& run_;
    const new_password_flags& flags_;
    password_scheme scheme_;
    std::string template_;
    std::map<std::string, person> people_; ///< by address
    std::size_t expected_ = 1;
    std::optional<hash_supply> hashes_{}; ///< from the first on
};

} // namespace vmail::tools
