#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <functional>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/descriptor.hpp>
#include <vmail/error.hpp>
#include <vmail/nearest.hpp>
#include <vmail/printable.hpp>
#include <vmail/user_path.hpp>

#include <vmail/settings.hpp>

namespace vmail {

namespace {

using k = setting_key;
constexpr std::array table = {
    setting_info{k::uri, "uri", "", true},
    setting_info{k::base, "base", "", true},
    setting_info{k::bind_dn, "bind-dn", "", true},
    setting_info{k::bind_password_file, "bind-password-file", "", true},
    setting_info{k::sasl, "sasl", "", true},
    setting_info{k::starttls, "starttls", "no", true},
    setting_info{k::ca_file, "ca-file", "", true},
    setting_info{k::cert_file, "cert-file", "", true},
    setting_info{k::key_file, "key-file", "", true},
    setting_info{k::daemon_dn, "daemon-dn", "", true},
    setting_info{k::daemon_password_file, "daemon-password-file", "", true},
    setting_info{k::timeout, "timeout", "30", false},
    setting_info{k::page_size, "page-size", "500", false},
    setting_info{k::time_zone, "time-zone", "", false},
    setting_info{k::mail_home, "mail-home", "/home/vmail/domains", false},
    setting_info{k::mail_user, "mail-user", "vmail", false},
    setting_info{k::mail_group, "mail-group", "vmail", false},
    setting_info{k::quota_dialect, "quota-dialect", "maildir", false},
    setting_info{k::expiry_attribute, "expiry-attribute", "expireDate", false},
    setting_info{k::postmaster, "postmaster", "postmaster@localhost", false},
    setting_info{k::role_addresses, "role-addresses", "postmaster abuse", false},
    setting_info{k::transport, "transport", "", false},
    setting_info{k::recipient_delimiter, "recipient-delimiter", "+", false},
    setting_info{k::lists_domain, "lists-domain", "", false},
    setting_info{k::lists_transport, "lists-transport", "lmtp:[127.0.0.1]:8024", false},
    setting_info{k::unix_uid_range, "unix-uid-range", "10000-59999", false},
    setting_info{k::unix_gid, "unix-gid", "100", false},
    setting_info{k::unix_home, "unix-home", "/home/{domain}/{user}", false},
    setting_info{k::unix_shell, "unix-shell", "/usr/sbin/nologin", false},
    setting_info{k::password_scheme, "password-scheme", "yescrypt", false},
    setting_info{k::password_min_length, "password-min-length", "8", false},
    setting_info{k::password_min_classes, "password-min-classes", "1", false},
    setting_info{k::password_quality, "password-quality", "on", false},
    setting_info{k::allow_clear_bind, "allow-clear-bind", "no", true},
    setting_info{k::journal_dir, "journal-dir", "", false},
    setting_info{k::journal_days, "journal-days", "400", false},
    setting_info{k::journal_size, "journal-size", "2G", false},
    setting_info{k::lock_dir, "lock-dir", "", false},
    setting_info{k::state_dir, "state-dir", "", false},
    setting_info{k::expiry_period, "expiry-period", "1d", false},
    setting_info{k::expiry_first_run, "expiry-first-run", "report", false},
    setting_info{k::notice_days, "notice-days", "30 7 2", false},
    setting_info{k::notice_from, "notice-from", "", false},
    setting_info{k::notice_admin, "notice-admin", "", false},
    setting_info{k::notice_language, "notice-language", "en", false},
    setting_info{k::notice_templates, "notice-templates", "", false},
    setting_info{k::notice_outside, "notice-outside", "no", false},
    setting_info{k::sendmail, "sendmail", "/usr/sbin/sendmail", false},
    setting_info{k::archive_dir, "archive-dir", "", false},
    setting_info{k::audit, "audit", "", false},
    setting_info{k::maildir_mode, "maildir-mode", "700", false},
    setting_info{k::maildir_folders, "maildir-folders", "", false},
    setting_info{k::activity_store, "activity-store", "", false},
    setting_info{k::activity_days, "activity-days", "90", false},
    setting_info{k::activity_last_days, "activity-last-days", "400", false},
    setting_info{k::activity_networks, "activity-networks", "short", false},
    setting_info{k::activity_thresholds, "activity-thresholds", "", false},
    setting_info{k::activity_unread_days, "activity-unread-days", "30", false},
    setting_info{k::activity_hour_networks, "activity-hour-networks", "10", false},
    setting_info{k::activity_hour_recipients, "activity-hour-recipients", "200", false},
    setting_info{k::activity_times_usual, "activity-times-usual", "5", false},
    setting_info{k::activity_bounces, "activity-bounces", "50", false},
    setting_info{k::activity_guess_networks, "activity-guess-networks", "5", false},
    setting_info{k::activity_stopped_tries, "activity-stopped-tries", "3", false},
};
static_assert(table.size() == setting_count);

constexpr bool rows_stand_at_their_key() {
    for (std::size_t i = 0; i < table.size(); ++i)
        if (static_cast<std::size_t>(table[i].key) != i) return false;
    return true;
}
static_assert(rows_stand_at_their_key());

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && ascii::is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && (ascii::is_blank(text.back()) || text.back() == '\r')) text.remove_suffix(1);
    return text;
}

const setting_info* find_setting(std::string_view name) {
    const auto row = std::find_if(table.begin(), table.end(), [&](const setting_info& i) { return i.name == name; });
    return row == table.end() ? nullptr : &*row;
}

constexpr std::string_view prefix = "MAILCTL_";

/// Variables that our tools read and that are no settings.
constexpr std::array<std::string_view, 4> of_the_tools = {"MAILCTL_CONFIG", "MAILCTL_PROFILE", "MAILCTL_SANDBOX", "MAILCTL_SCHEMA_DIR"};

std::string environment_name(std::string_view name) {
    auto variable = std::string(prefix) + ascii::to_upper(name);
    std::replace(variable.begin(), variable.end(), '-', '_');
    return variable;
}

bool is_known(std::string_view variable) {
    return std::find(of_the_tools.begin(), of_the_tools.end(), variable) != of_the_tools.end() ||
           std::any_of(table.begin(), table.end(), [&](const setting_info& row) { return environment_name(row.name) == variable; });
}

std::vector<std::string> known_variables() {
    std::vector<std::string> names(of_the_tools.begin(), of_the_tools.end());
    for (const auto& row : table) names.push_back(environment_name(row.name));
    return names;
}

std::vector<std::string> setting_names() {
    std::vector<std::string> names;
    for (const auto& row : table) names.emplace_back(row.name);
    return names;
}

std::string nearest_hint(std::string_view word, const std::vector<std::string>& known) {
    const auto near = nearest(word, {known.begin(), known.end()});
    return near.empty() ? near : fmt::format("the nearest is {}", near);
}

/// A variable that is set, as the environment has it: NAME=VALUE.
void require_known(std::string_view assignment) {
    const auto sign = assignment.find('=');
    if (!assignment.starts_with(prefix) || sign == std::string_view::npos || sign + 1 == assignment.size()) return;
    const auto variable = assignment.substr(0, sign);
    if (is_known(variable)) return;
    throw error(error_kind::configuration, fmt::format("the environment sets {}, and there is no such setting", printable(variable)),
                {.hint = nearest_hint(variable, known_variables()), .remedy = remedy::unset_variable, .subject = printable(variable)});
}

[[noreturn]] void refuse_file(const std::string& sentence, std::string hint = {}) {
    throw error(error_kind::configuration, sentence, {.hint = std::move(hint)});
}

[[noreturn]] void refuse_line(const std::string& where, const std::string& sentence, std::string hint = {}) {
    throw error(error_kind::configuration, fmt::format("{}: {}", where, sentence), {.hint = std::move(hint), .remedy = remedy::see_settings});
}

[[noreturn]] void cannot_read(const std::string& name) {
    refuse_file(fmt::format("cannot read {}: {}", name, std::generic_category().message(errno)));
}

/// Whoever may write the settings chooses the server that gets our password. What is written to a device (/dev/null) is not read from it again.
void require_trusted(int fd, const std::string& name) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) cannot_read(name);
    if (S_ISCHR(status.st_mode)) return;
    if (status.st_uid != 0 && status.st_uid != ::geteuid()) refuse_file(fmt::format("the settings in {} belong to another user", name), "chown root " + name);
    if ((status.st_mode & 022U) != 0) refuse_file(fmt::format("the settings in {} can be written by others than their owner", name), "chmod go-w " + name);
}

std::string read_trusted(const std::filesystem::path& file, const std::string& name) {
    const descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (in.get() < 0) cannot_read(name);
    require_trusted(in.get(), name);
    auto text = read_to_end(in.get());
    if (!text) cannot_read(name);
    return std::move(*text);
}

/// The name and the value of "key = value".
std::pair<std::string_view, std::string_view> split(std::string_view line, const std::string& where) {
    const auto sign = line.find('=');
    if (sign == std::string_view::npos) refuse_line(where, fmt::format("{} is not of the form \"key = value\"", vmail::quoted(line)));
    return {trimmed(line.substr(0, sign)), trimmed(line.substr(sign + 1))};
}

} // namespace

std::span<const setting_info> setting_table() noexcept { return table; }

settings::settings() {
    for (const auto& row : table) forget(row.key);
}

namespace {

std::vector<std::string> servers_in(const std::string& uris) {
    std::istringstream in(ascii::to_lower(uris));
    std::vector<std::string> servers;
    for (std::string uri; in >> uri;) {
        while (uri.ends_with('/')) uri.pop_back();
        servers.push_back(std::move(uri));
    }
    return servers;
}

bool names_another_server(const std::string& uris, const std::string& known) {
    const auto all = servers_in(known), asked = servers_in(uris);
    return !all.empty() && std::any_of(asked.begin(), asked.end(), [&](const auto& one) { return std::find(all.begin(), all.end(), one) == all.end(); });
}

/// Who we are to a server, and what may be told to it.
constexpr std::array identity = {k::bind_dn, k::bind_password_file, k::sasl, k::cert_file, k::key_file, k::allow_clear_bind};

} // namespace

void settings::set(setting_key key, setting value) {
    const auto& server = (*this)[k::uri];
    if (key == k::uri && server.source < value.source && names_another_server(value.value, server.value))
        for (const auto weaker : identity) {
            const setting& known = (*this)[weaker];
            if (known.source >= value.source) continue;
            if (known.source != setting_source::fallback && untold_identity_.empty()) untold_identity_ = known.origin;
            forget(weaker);
        }
    values_[static_cast<std::size_t>(key)] = std::move(value);
}

void settings::forget(setting_key key) { set(key, {.value = std::string(table[static_cast<std::size_t>(key)].fallback)}); }

namespace {

bool is_profile_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return ascii::is_alnum(c) || c == '.' || c == '-' || c == '_'; });
}

/// The name of "[profile NAME]".
std::string profile_of(std::string_view line, const std::string& where) {
    constexpr std::string_view word = "profile";
    const bool closed = line.back() == ']';
    const auto inside = trimmed(line.substr(1, line.size() - (closed ? 2 : 1)));
    const auto name = inside.starts_with(word) ? trimmed(inside.substr(word.size())) : std::string_view();
    const bool apart = inside.size() > word.size() && ascii::is_blank(inside[word.size()]);
    if (!closed || !apart || !is_profile_name(name))
        refuse_line(where, fmt::format("{} is no section: those are called [profile NAME], with letters, digits, \".\", \"-\" and \"_\"", vmail::quoted(line)));
    return std::string(name);
}

/// The lines of a file, in its general part or in a section.
class file_reader {
public:
    /// Where the values of the general part go.
    using setter = std::function<void(setting_key, setting)>;

    file_reader(std::string name, setter set, std::vector<profile>& profiles) : name_(std::move(name)), set_(std::move(set)), profiles_(profiles), first_(profiles.size()) {}

    void take(std::string_view line, std::size_t number) {
        const auto where = fmt::format("{}:{}", name_, number);
        if (line.front() == '[') return begin(profile_of(line, where), where);
        const auto [key, value] = split(line, where);
        const auto* const row = find_setting(key);
        if (row == nullptr) refuse_line(where, fmt::format("there is no setting {}", vmail::quoted(key)), nearest_hint(key, setting_names()));
        auto& earlier = set_in_line_[static_cast<std::size_t>(row->key)];
        if (earlier != 0) refuse_line(where, fmt::format("{} is set in line {} already", row->name, earlier));
        earlier = number;
        put(row->key, {std::string(value), setting_source::file, where});
    }

private:
    void begin(std::string name, const std::string& where) {
        const auto is_it = [&](const profile& p) { return p.name == name; };
        if (std::any_of(profiles_.begin() + static_cast<std::ptrdiff_t>(first_), profiles_.end(), is_it)) refuse_line(where, fmt::format("there is a profile {} in this file already", name));
        profiles_.push_back({std::move(name)});
        set_in_line_.fill(0);
        in_section_ = true;
    }

    void put(setting_key key, setting value) {
        if (in_section_) profiles_.back().values.emplace_back(key, std::move(value));
        else set_(key, std::move(value));
    }

    std::string name_;
    setter set_;
    std::vector<profile>& profiles_;
    std::size_t first_; ///< of this file's
    bool in_section_ = false;
    std::array<std::size_t, setting_count> set_in_line_{};
};

} // namespace

void settings::read_file(const std::filesystem::path& file) {
    const auto file_name = printable(file.native());
    std::istringstream in(read_trusted(file, file_name));
    file_reader reader(file_name, [this](setting_key key, setting value) { set(key, std::move(value)); }, profiles_);
    std::string text;
    for (std::size_t number = 1; std::getline(in, text); ++number) {
        const auto line = trimmed(text);
        if (!line.empty() && line.front() != '#') reader.take(line, number);
    }
}

void settings::use_profile(std::string_view name, setting_source chosen_by) {
    std::vector<std::pair<setting_key, setting>> chosen;
    std::vector<std::string> known;
    for (const profile& p : profiles_) {
        known.push_back(p.name);
        if (p.name == name) chosen.insert(chosen.end(), p.values.begin(), p.values.end());
    }
    if (std::find(known.begin(), known.end(), name) == known.end())
        throw error(chosen_by == setting_source::flag ? error_kind::usage : error_kind::configuration, fmt::format("there is no profile {} in the settings", vmail::quoted(name)),
                    {.hint = nearest_hint(name, known)});
    if (std::any_of(chosen.begin(), chosen.end(), [](const auto& v) { return v.first == setting_key::uri; }))
        for (const auto& row : table)
            if (row.of_the_server) forget(row.key);
    // The password is that of the identity beside it.
    if (std::any_of(chosen.begin(), chosen.end(), [](const auto& v) { return v.first == setting_key::bind_dn; })) forget(setting_key::bind_password_file);
    for (auto& [key, value] : chosen) set(key, std::move(value));
}

void settings::read_files() {
    if (const char* const named = std::getenv("MAILCTL_CONFIG"); named != nullptr && *named != '\0') return read_file(named);
    std::error_code ignored;
    for (const auto& file : {std::filesystem::path("/etc/mailctl/mailctl.conf"), user_path("XDG_CONFIG_HOME", ".config", "mailctl/mailctl.conf")})
        if (!file.empty() && std::filesystem::exists(file, ignored)) read_file(file);
}

void settings::read_environment() {
    for (char** assignment = environ; assignment != nullptr && *assignment != nullptr; ++assignment) require_known(*assignment);
    for (const auto& row : table) {
        const auto variable = environment_name(row.name);
        const char* const value = std::getenv(variable.c_str());
        if (value != nullptr && *value != '\0') set(row.key, {value, setting_source::environment, variable});
    }
}

} // namespace vmail
