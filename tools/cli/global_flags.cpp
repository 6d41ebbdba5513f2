#include <cstdlib>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <sandbox/sandbox.hpp>

#include "global_flags.hpp"
#include "shell_word.hpp"

namespace vmail::tools {

namespace {

std::string flag_of(const setting_info& row) { return fmt::format("--{}", row.name); }

void add_server_flags(CLI::App& app, global_flags& flags) {
    constexpr auto group = "Server";
    const auto slot = [&](setting_key key) -> auto& { return flags.settings[static_cast<std::size_t>(key)]; };
    const auto add_text = [&](const char* names, setting_key key, const char* help, const char* type) {
        app.add_option(names, slot(key), help)->group(group)->type_name(type);
    };
    // Several -H make one setting: its URIs in their order.
    app.add_option_function<std::vector<std::string>>(
           "-H,--uri", [&uri = slot(setting_key::uri)](const auto& uris) { uri = fmt::format("{}", fmt::join(uris, " ")); },
           "LDAP server; several are tried in order")
        ->group(group)
        ->type_name("URI")
        ->allow_extra_args(false);
    add_text("-b,--base", setting_key::base, "base of the tree: o=hosting or what is above it", "DN");
    add_text("-D,--bind-dn", setting_key::bind_dn, "identity for a bind with a password", "DN");
    add_text("-y,--bind-password-file", setting_key::bind_password_file, "file with the password of -D", "FILE");
    app.add_flag("-W", flags.ask_bind_password, "ask for the password of -D")->group(group);
    add_text("--sasl", setting_key::sasl, "external: the identity of the socket's peer or of a client certificate", "MECHANISM");
    app.add_flag_callback(
           "--starttls", [&starttls = slot(setting_key::starttls)] { starttls = "yes"; }, "start TLS on ldap://")
        ->group(group);
    add_text("--ca-file", setting_key::ca_file, "certificates to trust, PEM", "FILE");
    app.add_flag_callback(
           "--allow-clear-bind", [&allowed = slot(setting_key::allow_clear_bind)] { allowed = "yes"; },
           "let the password cross ldap:// to a loopback address")
        ->group(group);
    add_text("--timeout", setting_key::timeout, "for each request", "SECONDS");
    app.add_option("--sandbox", flags.sandbox, "use the sandbox, at DIR if that is given")->group(group)->type_name("[DIR]");
    app.add_option("--profile", flags.profile, "with the settings of this section of the files")->group(group)->type_name("NAME");
    app.add_option("--config", flags.config_file, "settings from this file alone")->group(group)->type_name("FILE");
}

void add_output_flags(CLI::App& app, global_flags& flags) {
    constexpr auto group = "Output";
    app.add_option("-o,--output", flags.output, "table, json, jsonl, csv, ldif or name")->group(group)->type_name("FORMAT");
    app.add_option("--fields", flags.fields, "show these only, separated by commas")
        ->group(group)
        ->type_name("NAMES")
        ->delimiter(',')
        ->allow_extra_args(false);
    app.add_flag("-q,--quiet", flags.quiet, "no notes, no word about what was changed")->group(group);
    app.add_flag("-v,--verbose", flags.verbose, "more notes")->group(group);
    app.add_flag("--debug", flags.debug, "each change that is sent, as LDIF on standard error")->group(group);
    app.add_flag("--no-color", flags.no_colour, "no colours")->group(group);
}

void add_change_flags(CLI::App& app, global_flags& flags) {
    constexpr auto group = "Changes";
    app.add_flag("-n,--dry-run", flags.dry_run, "print the LDIF that would be sent, change nothing")->group(group);
    app.add_flag("--detailed-exitcode", flags.detailed_exit_status, "with --dry-run: exit with 2 when there is something to change")->group(group);
    app.add_flag("--yes", flags.yes, "do not ask before removing")->group(group);
    app.add_flag("--no-input", flags.no_input, "never ask anything")->group(group);
}

void use_chosen_profile(settings& s, const global_flags& flags) {
    if (flags.profile) return s.use_profile(*flags.profile);
    const char* const variable = std::getenv("MAILCTL_PROFILE");
    if (variable != nullptr && *variable != '\0') s.use_profile(variable, setting_source::environment);
}

void read_files(settings& s, const global_flags& flags) {
    if (flags.config_file) s.read_file(*flags.config_file);
    else s.read_files();
    use_chosen_profile(s, flags);
}

/// The sandbox's directory, when it is the sandbox that is meant.
std::optional<std::string> chosen_sandbox(const global_flags& flags) {
    const bool names_server = flags.settings[static_cast<std::size_t>(setting_key::uri)].has_value();
    if (flags.sandbox && names_server) throw error(error_kind::usage, "--sandbox and --uri name two different servers");
    if (flags.sandbox) return flags.sandbox;
    const char* const variable = std::getenv("MAILCTL_SANDBOX");
    if (names_server || variable == nullptr || *variable == '\0') return std::nullopt;
    return variable;
}

/// What happens in a sandbox leaves no trace outside it, and is not locked out by what happens elsewhere.
void keep_inside(settings& s, setting_key key, const std::filesystem::path& folder, const std::string& origin) {
    if (s[key].source < setting_source::environment) s.set(key, {folder.native(), setting_source::program, origin});
}

/// Another server's identity, certificate or base must not go to the sandbox.
void use_sandbox(settings& s, const std::string& dir) {
    const sandbox chosen(dir);
    const auto shown = printable(chosen.dir().native());
    if (!chosen.running())
        throw unavailable(fmt::format("the sandbox in {} does not run", shown), {.hint = fmt::format("mailctl sandbox start --dir {}", shell_word(shown))});
    for (const auto& row : setting_table())
        if (row.of_the_server) s.forget(row.key);
    const auto origin = fmt::format("sandbox {}", shown);
    s.set(setting_key::uri, {chosen.uri(), setting_source::program, origin});
    s.set(setting_key::base, {chosen.base(), setting_source::program, origin});
    s.set(setting_key::sasl, {"external", setting_source::program, origin});
    s.set(setting_key::daemon_password_file, {std::filesystem::absolute(chosen.daemon_password_file()).native(), setting_source::program, origin});
    const auto dir_of_sandbox = std::filesystem::absolute(chosen.dir());
    keep_inside(s, setting_key::journal_dir, dir_of_sandbox / "journal", origin);
    keep_inside(s, setting_key::archive_dir, dir_of_sandbox / "archive", origin);
    keep_inside(s, setting_key::lock_dir, dir_of_sandbox / "locks", origin);
    keep_inside(s, setting_key::state_dir, dir_of_sandbox / "state", origin);
    // Made for trying things out: whoever knows that it is the first run has made all that is in it.
    keep_inside(s, setting_key::expiry_first_run, "commit", origin);
}

} // namespace

void add_global_flags(CLI::App& app, global_flags& flags) {
    add_server_flags(app, flags);
    add_output_flags(app, flags);
    add_change_flags(app, flags);
}

settings load_settings(const global_flags& flags) {
    settings s;
    read_files(s, flags);
    s.read_environment();
    if (const auto dir = chosen_sandbox(flags)) use_sandbox(s, *dir);
    for (const auto& row : setting_table())
        if (const auto& given = flags.settings[static_cast<std::size_t>(row.key)]) s.set(row.key, {*given, setting_source::flag, flag_of(row)});
    return s;
}

} // namespace vmail::tools
