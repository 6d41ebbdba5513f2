#include <optional>

#include <vmail/error.hpp>

#include "connection.hpp"
#include "terminal.hpp"

namespace vmail::tools {

namespace {

/// From the terminal, when -W asks for it.
std::optional<secret> ask_password(const configuration& c, bool wanted) {
    if (!wanted || c.uris.empty() || c.method == bind_method::external) return std::nullopt;
    if (!c.bind_dn) throw error(error_kind::configuration, "-W asks for the password of a bind DN, and none is set", {.hint = "give -D DN"});
    return ask_secret("password of " + c.bind_dn->text());
}

} // namespace

connection::connection(const configuration& c, connection_options options, const diagnostics& err) {
    auto session_settings = make_session_options(c, ask_password(c, options.ask_password));
    session_settings.on_notice = [&err](const std::string& sentence) { err.note(sentence); };
    directory_options of_directory{.site = make_site(c), .dry_run = options.dry_run, .on_write = std::move(options.on_write)};
    of_directory.on_notice = session_settings.on_notice;
    session_ = std::make_unique<ldap::session>(std::move(session_settings));
    directory_ = std::make_unique<vmail::directory>(*session_, std::move(of_directory));
}

} // namespace vmail::tools
