#include <filesystem>
#include <memory>
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

/// What lies in a store on this machine, or what a record of removed mailboxes tells, is somebody's. The record is read once, when it is first asked.
class used_folders {
public:
    explicit used_folders(const configuration& c) : configuration_(c) {}

    bool has(const std::string& home, const std::string& path) const {
        std::error_code fault;
        return std::filesystem::exists(std::filesystem::path(home) / path, fault) || former().contains(home, path);
    }
    std::optional<std::string> former_owner(const std::string& home, const std::string& path) const { return former().owner(home, path); }

private:
    const former_folders& former() const {
        if (!former_) former_ = former_folders::in(journal_folder(configuration_));
        return *former_;
    }

    const configuration& configuration_;
    mutable std::optional<former_folders> former_{};
};

} // namespace

connection::connection(const configuration& c, connection_options options, const diagnostics& err) {
    auto session_settings = make_session_options(c, ask_password(c, options.ask_password));
    session_settings.on_notice = [&err](const std::string& sentence) { err.note(sentence); };
    directory_options of_directory{.site = make_site(c)};
    of_directory.on_notice = session_settings.on_notice;
    const auto used = std::make_shared<used_folders>(c);
    of_directory.folder_is_taken = [used](const std::string& home, const std::string& path) { return used->has(home, path); };
    of_directory.former_owner = [used](const std::string& home, const std::string& path) { return used->former_owner(home, path); };
    session_ = std::make_unique<ldap::session>(std::move(session_settings));
    directory_ = std::make_unique<vmail::directory>(*session_, std::move(of_directory));
}

} // namespace vmail::tools
