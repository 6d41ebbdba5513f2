#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "output.hpp"
#include "settings.hpp"

namespace CLI {
class App;
}

namespace vmail::tools {

/// The flags that every command takes, before or after its verb.
struct global_flags {
    std::array<std::optional<std::string>, setting_count> settings{}; ///< by setting_key
    bool ask_bind_password = false;                                   ///< -W
    std::optional<std::string> sandbox{};                             ///< its directory
    std::optional<std::string> config_file{};
    std::optional<std::string> profile{};
    std::string output = "table";
    std::vector<std::string> fields{};
    bool dry_run = false;
    bool detailed_exit_status = false;
    bool yes = false;
    bool no_input = false;
    bool quiet = false;
    bool verbose = false;
    bool debug = false;
    bool no_colour = false;
};

/// Makes the application and all its subcommands take them. The flags must outlive it.
void add_global_flags(CLI::App& app, global_flags& flags);

/// The settings that files, environment and flags give, with the profile that --profile or MAILCTL_PROFILE names, and with --sandbox (or MAILCTL_SANDBOX, unless a flag names a server) in the place of the server.
/// Throws error(configuration), error(usage), and unavailable for a sandbox that does not run.
settings load_settings(const global_flags& flags);

} // namespace vmail::tools
