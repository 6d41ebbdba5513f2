#include <utility>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "invocation.hpp"
#include "permission.hpp"
#include "terminal.hpp"
#include "write_log.hpp"

namespace vmail::tools {

invocation::invocation(const global_flags& flags, const diagnostics& err, fd_stream& out)
    : flags_(flags), err_(err), out_(out), format_(parse_output_format(flags.output)) {
    if (flags.detailed_exit_status && !flags.dry_run)
        throw error(error_kind::usage, "--detailed-exitcode tells what a dry run would change, and this is none", {.hint = "add -n"});
}

const settings& invocation::settings() {
    if (!settings_) settings_ = load_settings(flags_);
    return *settings_;
}

const configuration& invocation::configuration() {
    if (!configuration_) configuration_ = parse_configuration(settings());
    return *configuration_;
}

connection& invocation::connected() {
    if (connection_) return *connection_;
    if (flags_.ask_bind_password && flags_.no_input) throw error(error_kind::usage, "-W asks for a password, and --no-input forbids to ask");
    note_untold_identity();
    connection_ = std::make_unique<connection>(configuration(),
                                               connection_options{.ask_password = flags_.ask_bind_password},
                                               err_);
    err_.detail("connected to " + connection_->session().uri() + " as " + connection_->session().identity());
    return *connection_;
}

/// Whoever asks as nobody by accident is told of what he does not see that it is not there.
void invocation::note_untold_identity() {
    const std::string& origin = settings().untold_identity();
    if (origin.empty() || configuration().method == bind_method::simple) return;
    const char* const who = configuration().method == bind_method::anonymous ? "nobody" : "whoever runs this";
    err_.note(fmt::format("{} is not the server of the settings: who we are there ({}) is not told to it, and it is asked as {}; -D says as whom", printable(settings()[setting_key::uri].value), origin, who));
}

directory& invocation::directory() { return connected().directory(); }

ldap::session& invocation::session() { return connected().session(); }

void invocation::see_write(const ldap::write_request& request) {
    err_.detail((flags_.dry_run ? "would send: " : "sending: ") + summary(request));
    if (flags_.debug) err_.text(to_ldif(request));
    if (!flags_.dry_run) return;
    if (writes_json())
        pending_ldif_ += to_ldif(request);
    else
        out_ << to_ldif(request);
}

std::string invocation::take_pending_ldif() { return std::exchange(pending_ldif_, {}); }

error invocation::explained(const error& e, const std::string& subject) {
    const bool from_server = e.kind() == error_kind::denied && e.remedy() == remedy::ask_identity;
    if (!from_server || !connection_ || !e.session_usable()) return e;
    const auto sentence = permission_sentence(standing_of(session(), directory().site()), subject);
    return sentence.empty() ? e : error(e.kind(), sentence, {.dn = e.dn(), .ldap_code = e.ldap_code(), .diagnostic = e.diagnostic()});
}

bool invocation::may_ask() const noexcept { return !flags_.no_input && can_ask(); }

bool invocation::confirm(const std::string& question) {
    if (flags_.yes || flags_.dry_run) return true;
    if (!may_ask()) throw error(error_kind::usage, "this wants a word from a person, and there is nobody to ask: " + question, {.hint = "give --yes"});
    if (ask_yes_or_no(question)) return true;
    err_.note("nothing was changed");
    return false;
}

} // namespace vmail::tools
