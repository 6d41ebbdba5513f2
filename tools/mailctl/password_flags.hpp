#pragma once

#include <functional>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include <vmail/password.hpp>
#include <vmail/secret.hpp>

#include <cli/invocation.hpp>

namespace vmail::tools {

/// Where a new password comes from. Never the command line itself.
struct password_flags {
    bool from_stdin = false;
    bool prompt = false;
    bool generate = false;
    bool none = false;
    std::optional<std::string> file{};
    std::optional<std::string> scheme{};
};

void add_password_flags(CLI::App& verb, password_flags& flags);

/// What a password is for: one that is known already has no rule to meet.
enum class password_use { set, verify };

/// The password for one or more mailboxes.
class password_source {
public:
    /// Reads it once; from `ask` when no flag says otherwise and somebody is there. Throws error(usage) when two flags say two things, invalid_value for
    /// one to be set that is shorter than the settings want it.
    password_source(invocation& run, const password_flags& flags, password_use use, const std::function<secret()>& ask);

    /// One for the next mailbox: the same each time, or a fresh one when they are generated. Nothing: none is to be set.
    std::optional<secret> next() const;
    bool empty() const noexcept { return !generated_ && !given_; }
    bool is_generated() const noexcept { return generated_; }
    password_scheme scheme() const noexcept { return scheme_; }

private:
    void read(invocation& run, const password_flags& flags, const std::function<secret()>& ask);

    std::optional<secret> given_{};
    bool generated_ = false;
    password_scheme scheme_;
};

} // namespace vmail::tools
