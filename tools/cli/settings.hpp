#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace vmail::tools {

/// What a site or a person decides once, see mailctl.conf(5). None of them is a secret.
enum class setting_key {
    uri,
    base,
    bind_dn,
    bind_password_file,
    sasl,
    starttls,
    ca_file,
    cert_file,
    key_file,
    timeout,
    page_size,
    time_zone,
    mail_home,
    quota_dialect,
    expiry_attribute,
    password_scheme,
    allow_clear_bind,
    journal_dir,
    lock_dir,
};
inline constexpr std::size_t setting_count = 19;

/// One row of the table of settings.
struct setting_info {
    setting_key key;
    std::string_view name;     ///< as in mailctl.conf; MAILCTL_NAME in the environment; --NAME where there is such a flag
    std::string_view fallback; ///< the value when nothing sets it
    bool of_the_server;        ///< says which server and as whom: replaced as a whole by --sandbox
};

/// In the order of setting_key.
std::span<const setting_info> setting_table() noexcept;

/// Where values come from, the weakest first.
enum class setting_source { fallback, file, sandbox, environment, flag };

/// A value, and where it came from.
struct setting {
    std::string value;
    setting_source source = setting_source::fallback;
    std::string origin = "default"; ///< "default", "FILE:LINE", "MAILCTL_URI", "--uri", "sandbox DIR"
};

/// All settings with their values. What is read later replaces what was read before: read them from weak to strong.
class settings {
public:
    settings();

    const setting& operator[](setting_key key) const noexcept { return values_[static_cast<std::size_t>(key)]; }
    void set(setting_key key, setting value);
    /// Back to the fallback.
    void forget(setting_key key);

    /// Lines "key = value", empty lines, and lines whose first mark is "#". Throws error(configuration) naming FILE:LINE for an unknown or repeated
    /// key or a line that is none of these, and naming FILE when it cannot be read.
    void read_file(const std::filesystem::path& file);
    /// MAILCTL_URI and so on; an empty variable counts as not set.
    void read_environment();

private:
    std::array<setting, setting_count> values_;
};

/// The files that are read when no --config names one: /etc/mailctl/mailctl.conf, then the user's. They need not exist.
std::array<std::filesystem::path, 2> settings_files();

/// A file below the user's home directory by the XDG rules: $VARIABLE/mailctl/NAME, else $HOME/FALLBACK/mailctl/NAME. Empty without either.
std::filesystem::path user_path(const char* variable, std::string_view fallback, std::string_view name);

} // namespace vmail::tools
