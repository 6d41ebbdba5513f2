#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <vmail/export.hpp>

namespace vmail {

/// What a site or a person decides once, in mailctl.conf(5): our tools and every program that links this library read the same. None is a secret.
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
    daemon_dn,
    daemon_password_file,
    timeout,
    page_size,
    time_zone,
    mail_home,
    mail_user,
    mail_group,
    quota_dialect,
    expiry_attribute,
    postmaster,
    role_addresses,
    transport,
    recipient_delimiter,
    lists_domain,
    lists_transport,
    unix_uid_range,
    unix_gid,
    unix_home,
    unix_shell,
    password_scheme,
    password_min_length,
    password_min_classes,
    password_quality,
    allow_clear_bind,
    journal_dir,
    journal_days,
    journal_size,
    lock_dir,
    state_dir,
    expiry_period,
    expiry_first_run,
    notice_days,
    notice_from,
    notice_admin,
    notice_language,
    notice_templates,
    notice_outside,
    sendmail,
    archive_dir,
    audit,
    maildir_mode,
    maildir_folders,
    activity_store,
    activity_days,
    activity_last_days,
    activity_networks,
    activity_thresholds,
    activity_unread_days,
    activity_hour_networks,
    activity_hour_recipients,
    activity_times_usual,
    activity_bounces,
    activity_guess_networks,
    activity_stopped_tries,
};
inline constexpr std::size_t setting_count = static_cast<std::size_t>(setting_key::activity_stopped_tries) + 1;

/// One row of the table of settings.
struct setting_info {
    setting_key key;
    std::string_view name;     ///< as in mailctl.conf; MAILCTL_NAME in the environment, in capitals and with "_" for "-"
    std::string_view fallback; ///< the value when nothing sets it
    bool of_the_server;        ///< says which server and as whom: whoever puts another server in its place forgets them all
};

/// In the order of setting_key.
VMAIL_EXPORT std::span<const setting_info> setting_table() noexcept;

/// Where values come from, the weakest first.
enum class setting_source {
    fallback,
    file,
    program, ///< a default that the program put in place of ours
    environment,
    flag, ///< a person typed it just now: what is wrong with it is error(usage), not error(configuration)
};

/// A value, and where it came from.
struct setting {
    std::string value;
    setting_source source = setting_source::fallback;
    std::string origin = "default"; ///< "default", "FILE:LINE", "MAILCTL_URI", or the words of the program that set it; safe to print
};

/// A section of a settings file, "[profile NAME]" and the lines below it: what counts only for who chooses it.
struct profile {
    std::string name; ///< letters, digits, ".", "-" and "_"
    std::vector<std::pair<setting_key, setting>> values{};
};

/// All settings with their values. What is read later replaces what was read before: read them from weak to strong.
class VMAIL_EXPORT settings {
public:
    settings();

    const setting& operator[](setting_key key) const noexcept { return values_[static_cast<std::size_t>(key)]; }
    void set(setting_key key, setting value); ///< a server that weaker sources do not name gets nothing of the identity that they give: no name, password, certificate
    /// Where such an identity was set, "FILE:LINE"; empty: none was kept from another server.
    const std::string& untold_identity() const noexcept { return untold_identity_; }
    /// Back to the fallback.
    void forget(setting_key key);

    /// Lines "key = value", empty lines, lines whose first mark is "#", and "[profile NAME]", from which on they are those of a profile. Throws
    /// error(configuration) naming FILE:LINE for an unknown key, one that is repeated in its section, a section that is there already, or a line that is none of
    /// these, and naming FILE when it cannot be read, or belongs to neither root nor us, or others may write it.
    void read_file(const std::filesystem::path& file);
    /// The file that MAILCTL_CONFIG names, else /etc/mailctl/mailctl.conf and then the user's, $XDG_CONFIG_HOME/mailctl/mailctl.conf or
    /// ~/.config/mailctl/mailctl.conf, which need not exist. Throws as read_file().
    void read_files();
    /// The sections that the files read so far have, in their order; a name may be in each file once.
    const std::vector<profile>& profiles() const noexcept { return profiles_; }
    /// Puts the values of the sections of that name in the place of those that files gave. Where they name a server, what the files say about another one
    /// (setting_info::of_the_server) is forgotten. Throws for a name that no file has: error(usage) where a flag gave it, else
    /// error(configuration).
    void use_profile(std::string_view name, setting_source chosen_by = setting_source::flag);
    /// MAILCTL_URI and so on; an empty variable counts as not set. Throws error(configuration) for a MAILCTL_ variable that nothing of ours knows.
    void read_environment();

private:
    std::array<setting, setting_count> values_;
    std::vector<profile> profiles_;
    std::string untold_identity_;
};

} // namespace vmail
