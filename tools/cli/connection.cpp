#include <algorithm>

#include <vmail/error.hpp>

#include "connection.hpp"
#include "terminal.hpp"

namespace vmail::tools {

namespace {

constexpr std::chrono::milliseconds longest_connect{5000};

[[noreturn]] void refuse(const char* sentence, const char* hint) { throw error(error_kind::configuration, sentence, {.hint = hint}); }

secret bind_password(const configuration& c, bool ask) {
    if (ask) return ask_secret("password of " + c.bind_dn->text());
    if (!c.bind_password_file.empty()) return read_secret_file(c.bind_password_file);
    refuse("a bind DN is set, and no password for it", "give its file with -y FILE (or bind-password-file in mailctl.conf), or -W to be asked");
}

ldap::credentials make_credentials(const configuration& c, bool ask) {
    switch (c.method) {
    case bind_method::external: return ldap::external_bind{};
    case bind_method::simple: return ldap::simple_bind{*c.bind_dn, bind_password(c, ask)};
    case bind_method::anonymous: break;
    }
    if (ask) refuse("-W asks for the password of a bind DN, and none is set", "give -D DN");
    return ldap::anonymous_bind{};
}

} // namespace

ldap::session_options make_session_options(const configuration& c, bool ask_password, const diagnostics& err) {
    if (c.uris.empty())
        throw error(error_kind::configuration, "no directory server is set", {.remedy = remedy::name_a_server});
    ldap::session_options options;
    options.uris = c.uris;
    options.credentials = make_credentials(c, ask_password);
    options.starttls = c.starttls;
    options.ca_file = c.ca_file;
    options.cert_file = c.cert_file;
    options.key_file = c.key_file;
    options.allow_clear_bind_on_loopback = c.allow_clear_bind;
    options.connect_timeout = std::min(c.timeout, longest_connect);
    options.operation_timeout = c.timeout;
    options.page_size = c.page_size;
    options.on_notice = [&err](const std::string& sentence) { err.note(sentence); };
    return options;
}

connection::connection(const configuration& c, connection_options options, const diagnostics& err) {
    auto session_settings = make_session_options(c, options.ask_password, err);
    directory_options of_directory{.site = make_site(c), .dry_run = options.dry_run, .on_write = std::move(options.on_write)};
    of_directory.on_notice = session_settings.on_notice;
    session_ = std::make_unique<ldap::session>(std::move(session_settings));
    directory_ = std::make_unique<vmail::directory>(*session_, std::move(of_directory));
}

} // namespace vmail::tools
