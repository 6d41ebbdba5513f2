#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include <vmail/address.hpp>
#include <vmail/directory.hpp>
#include <vmail/jobs/mail_usage.hpp>

#include <cli/invocation.hpp>

namespace vmail::tools {

/// How verbs look at mail.
struct usage_flags {
    std::optional<std::string> from{};
    std::optional<std::string> doveadm{};
    std::optional<std::string> logins{};
    bool activity = false; ///< what was counted of logs tells logins
    std::size_t idle = 90;
};

/// --from and --doveadm, which are of use with `base` alone where that is given.
void add_size_flags(CLI::App& verb, usage_flags& flags, CLI::Option* base = nullptr);
/// --logins, --activity and --idle.
void add_use_flags(CLI::App& verb, usage_flags& flags);

/// What is asked about mail.
struct usage_question {
    bool size = false, use = false;
};

/// One look at the mail of many mailboxes: what could not be found out is a warning, and makes the status 1.
class usage_look {
public:
    /// Throws error(usage) for a word of --from that is none. All must outlive it.
    usage_look(invocation& run, const usage_flags& flags, usage_question what);

    usage_meter& meter() noexcept { return meter_; }
    /// Asks for each mailbox that may be seen, of the domain or of all, and then tells the end. Returns the exit status. Throws not_found for a domain that is not there.
    int each(const std::optional<domain_name>& domain, const std::function<void(stored<mailbox>&&)>& ask);
    /// Of each mailbox, once.
    void hear(const address& who, const mail_usage& u);
    /// Says what is to be said at the end, and returns the exit status.
    int finish();

private:
    void complain(const address& who, const std::string& fault);

    invocation& run_;
    std::optional<login_times> logins_;
    usage_meter meter_;
    std::size_t complaints_ = 0;
};

} // namespace vmail::tools
