#include <filesystem>
#include <optional>
#include <system_error>

#include <vmail/error.hpp>
#include <vmail/jobs/former_folders.hpp>

#include "connection.hpp"
#include "terminal.hpp"

namespace vmail::tools {

namespace {

/// From the terminal, when -W asks for it.
std::optional<secret> ask_password(const configuration& c, bool wanted) {
    if (!wanted || c.uris.empty()) return std::nullopt;
    if (!c.bind_dn) throw error(error_kind::usage, "-W asks for the password of a bind DN, and none is set", {.hint = "give -D DN"});
    return ask_secret("password of " + c.bind_dn->text());
}

/// What lies in a store on this machine, or what a record of removed mailboxes tells, is somebody's.
bool folder_was_used(const configuration& c, const std::string& home, const std::string& path) {
    std::error_code fault;
    if (std::filesystem::exists(std::filesystem::path(home) / path, fault)) return true;
    return former_folders::in(journal_folder(c)).contains(home, path);
}

} // namespace

connection::connection(const configuration& c, connection_options options, const diagnostics& err) {
    auto session_settings = make_session_options(c, ask_password(c, options.ask_password));
    session_settings.on_notice = [&err](const std::string& sentence) { err.note(sentence); };
    directory_options of_directory{.site = make_site(c)};
    of_directory.on_notice = session_settings.on_notice;
    of_directory.folder_is_taken = [&c](const std::string& home, const std::string& path) { return folder_was_used(c, home, path); };
    session_ = std::make_unique<ldap::session>(std::move(session_settings));
    directory_ = std::make_unique<vmail::directory>(*session_, std::move(of_directory));
}

} // namespace vmail::tools
