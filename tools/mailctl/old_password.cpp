#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/printable.hpp>
#include <vmail/secret.hpp>
#include <vmail/standing.hpp>

#include <cli/terminal.hpp>

#include "old_password.hpp"

namespace vmail::tools {

namespace {

secret read_old_password(invocation& run, const std::optional<std::string>& file, const std::string& whose) {
    if (file) return read_secret_file(*file);
    if (run.may_ask()) return ask_secret("old password of " + whose);
    throw error(error_kind::usage, fmt::format("{} must give the old password, and there is nobody to ask", whose), {.hint = "give --old-password-file FILE"});
}

/// The server says it, as a bind.
void prove(invocation& run, secret password, const std::string& whose) {
    ldap::session_options options = make_session_options(run.configuration(), std::nullopt);
    options.uris = {run.session().uri()};
    options.credentials = ldap::simple_bind{ldap::dn::parse(author_of(run.session().identity())), std::move(password)};
    try {
        const ldap::session proof(std::move(options));
    } catch (const denied& e) {
        throw denied(fmt::format("wrong old password for {}", whose), {.dn = e.dn(), .ldap_code = e.ldap_code()});
    }
}

} // namespace

void add_old_password_flag(CLI::App& verb, std::optional<std::string>& file) {
    verb.add_option("--old-password-file", file, "of the owner himself: the first line of a file that only he may read; without it he is asked")->type_name("FILE")->group("Password");
}

std::optional<secret> require_old_password(invocation& run, const std::optional<std::string>& file) {
    const standing who = standing_of(run.session(), run.directory().site());
    if (who.kind != standing::kind::owner) {
        if (file) throw error(error_kind::usage, "--old-password-file is for the owner of a mailbox, who alone has to prove the old one");
        return std::nullopt;
    }
    const std::string whose = printable(who.name);
    secret old = read_old_password(run, file, whose);
    prove(run, old.clone(), whose);
    return old;
}

} // namespace vmail::tools
