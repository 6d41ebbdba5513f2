#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <vmail/directory.hpp>
#include <vmail/error.hpp>

#include "configuration.hpp"
#include "connection.hpp"
#include "diagnostics.hpp"
#include "fd_stream.hpp"
#include "global_flags.hpp"
#include "output.hpp"

namespace vmail::tools {

/// One run of a command: its flags, where its output goes, and the directory, connected to when it is first asked for.
class invocation {
public:
    /// All of them must outlive it.
    invocation(const global_flags& flags, const diagnostics& err, fd_stream& out);

    const global_flags& flags() const noexcept { return flags_; }
    const diagnostics& err() const noexcept { return err_; }
    fd_stream& out() const noexcept { return out_; }
    output_format format() const noexcept { return format_; }
    bool writes_json() const noexcept { return format_ == output_format::json || format_ == output_format::jsonl; }

    const tools::settings& settings();
    const tools::configuration& configuration();
    vmail::directory& directory();
    ldap::session& session();

    /// An answer of the server that something is not allowed, as a sentence about who we are and who may; any other error as it is. `subject` is what was to be
    /// done something to, or empty.
    error explained(const error& e, const std::string& subject = {});

    /// Whether a person is there and wants to be asked.
    bool may_ask() const noexcept;

    /// Asks before something is taken away; true at once with --yes and --dry-run. Throws error(usage) when nobody is there to ask.
    bool confirm(const std::string& question);

    /// Shows a request that is about to be sent, or with --dry-run would be: as LDIF on standard output, or with JSON for take_pending_ldif().
    void see_write(const ldap::write_request& request);

    /// What --dry-run would have sent since the last call.
    std::string take_pending_ldif();

private:
    connection& connected();
    void note_untold_identity();

    const global_flags& flags_;
    const diagnostics& err_;
    fd_stream& out_;
    output_format format_;
    std::optional<tools::settings> settings_{};
    std::optional<tools::configuration> configuration_{};
    std::unique_ptr<connection> connection_{};
    std::string pending_ldif_{};
};

} // namespace vmail::tools
