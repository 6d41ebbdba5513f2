#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "settings.hpp"

namespace vmail::tools {

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
    setting_info{k::timeout, "timeout", "30", false},
    setting_info{k::page_size, "page-size", "500", false},
    setting_info{k::time_zone, "time-zone", "", false},
    setting_info{k::mail_home, "mail-home", "/home/vmail/domains", false},
    setting_info{k::quota_dialect, "quota-dialect", "maildir", false},
    setting_info{k::expiry_attribute, "expiry-attribute", "expireDate", false},
    setting_info{k::password_scheme, "password-scheme", "yescrypt", false},
    setting_info{k::allow_clear_bind, "allow-clear-bind", "no", true},
    setting_info{k::journal_dir, "journal-dir", "", false},
    setting_info{k::lock_dir, "lock-dir", "", false},
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

std::string environment_name(std::string_view name) {
    std::string variable = "MAILCTL_" + ascii::to_upper(name);
    std::replace(variable.begin(), variable.end(), '-', '_');
    return variable;
}

[[noreturn]] void refuse_line(const std::string& where, const std::string& sentence) {
    throw error(error_kind::configuration, fmt::format("{}: {}", where, sentence), {.hint = "mailctl.conf(5) lists what may stand in this file"});
}

} // namespace

std::span<const setting_info> setting_table() noexcept { return table; }

settings::settings() {
    for (const auto& row : table) forget(row.key);
}

void settings::set(setting_key key, setting value) { values_[static_cast<std::size_t>(key)] = std::move(value); }

void settings::forget(setting_key key) { set(key, {.value = std::string(table[static_cast<std::size_t>(key)].fallback)}); }

void settings::read_file(const std::filesystem::path& file) {
    errno = 0;
    std::ifstream in(file);
    const auto file_name = printable(file.native());
    if (!in) throw error(error_kind::configuration, fmt::format("cannot read {}: {}", file_name, std::generic_category().message(errno)));

    std::array<std::size_t, setting_count> set_in_line{};
    std::string text;
    for (std::size_t number = 1; std::getline(in, text); ++number) {
        const auto line = trimmed(text);
        if (line.empty() || line.front() == '#') continue;
        const auto where = fmt::format("{}:{}", file_name, number);
        const auto sign = line.find('=');
        if (sign == std::string_view::npos) refuse_line(where, fmt::format("{} is not of the form \"key = value\"", quoted(line)));
        const auto name = trimmed(line.substr(0, sign));
        const auto* const row = find_setting(name);
        if (row == nullptr) refuse_line(where, fmt::format("there is no setting {}", quoted(name)));
        auto& earlier = set_in_line[static_cast<std::size_t>(row->key)];
        if (earlier != 0) refuse_line(where, fmt::format("{} is set in line {} already", row->name, earlier));
        earlier = number;
        set(row->key, {std::string(trimmed(line.substr(sign + 1))), setting_source::file, where});
    }
    // A directory opens, and fails only here.
    if (in.bad()) throw error(error_kind::configuration, fmt::format("cannot read {}: {}", file_name, std::generic_category().message(errno)));
}

void settings::read_environment() {
    for (const auto& row : table) {
        const auto variable = environment_name(row.name);
        const char* const value = std::getenv(variable.c_str());
        if (value != nullptr && *value != '\0') set(row.key, {value, setting_source::environment, variable});
    }
}

std::filesystem::path user_path(const char* variable, std::string_view fallback, std::string_view name) {
    const char* const folder = std::getenv(variable);
    // The XDG rules: a relative path is to be ignored.
    if (folder != nullptr && *folder == '/') return std::filesystem::path(folder) / "mailctl" / name;
    const char* const home = std::getenv("HOME");
    if (home == nullptr || *home != '/') return {};
    return std::filesystem::path(home) / fallback / "mailctl" / name;
}

std::array<std::filesystem::path, 2> settings_files() {
    return {"/etc/mailctl/mailctl.conf", user_path("XDG_CONFIG_HOME", ".config", "mailctl.conf")};
}

} // namespace vmail::tools
