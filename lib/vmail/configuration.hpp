#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <vmail/address.hpp>
#include <vmail/domain_name.hpp>
#include <vmail/export.hpp>
#include <vmail/layout.hpp>
#include <vmail/ldap/dn.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/password.hpp>
#include <vmail/password_policy.hpp>
#include <vmail/role_addresses.hpp>
#include <vmail/secret.hpp>
#include <vmail/settings.hpp>
#include <vmail/timestamp.hpp>
#include <vmail/unix_account.hpp>

namespace vmail {

/// How to prove who we are.
enum class bind_method { anonymous, external, simple };

/// How people are told that their time is coming to its end.
struct notice_settings {
    std::vector<unsigned> days{};           ///< so many days ahead, the longest first; each 1 to 3660, once
    std::optional<maildrop> from{};         ///< nothing: from nobody, so that nothing comes back
    std::optional<maildrop> admin{};        ///< nothing: the administrator is not told
    std::string language{};                 ///< of those who name none that there is, "en"
    std::filesystem::path templates{};      ///< what is here goes before what came with the program; empty: nothing is
    bool outside = false;                   ///< also to those whose mail all goes elsewhere
    std::filesystem::path sendmail{};       ///< the program that takes mail as sendmail(1) does
};

/// What is kept of what accounts do, and what of it is too much.
struct activity_settings {
    std::filesystem::path store{};               ///< empty: see activity_store()
    std::optional<std::chrono::hours> keep{};      ///< how long; nothing: for ever
    std::optional<std::chrono::hours> keep_last{}; ///< the same of when an account was used last
    bool whole_addresses = false;                ///< of where somebody comes from, and not the network alone
    std::filesystem::path thresholds{};          ///< of those that have others; empty: nobody has
    std::array<std::optional<std::uint64_t>, 7> limits{}; ///< in the order of the settings; nothing: none
};

/// The settings as the types they mean.
struct configuration {
    std::vector<std::string> uris{};
    std::optional<ldap::dn> base{};
    bind_method method = bind_method::anonymous;
    std::optional<ldap::dn> bind_dn{};
    std::filesystem::path bind_password_file{};
    bool starttls = false;
    std::string ca_file{};
    std::string cert_file{};
    std::string key_file{};
    std::optional<ldap::dn> daemon_dn{};            ///< as whom the mail daemons read; nothing: cn=phamm in the container of the domains
    std::filesystem::path daemon_password_file{};
    bool allow_clear_bind = false;
    std::chrono::milliseconds timeout{30000};
    std::size_t page_size = 500;

    time_zone zone = time_zone::local();
    std::string mail_home{};
    std::string mail_user{};  ///< whose all mail is, to Dovecot and Courier: a name or a number
    std::string mail_group{};
    vmail::quota_dialect quota_dialect = vmail::quota_dialect::maildir;
    vmail::expiry_storage expiry_storage = vmail::expiry_storage::expire_date;
    maildrop postmaster = maildrop::from_attribute("postmaster@localhost"); ///< of new domains
    vmail::role_addresses role_addresses{}; ///< of every domain
    std::string transport{};             ///< of new domains; empty: none is written
    std::string recipient_delimiter = "+"; ///< empty: addresses have no extensions
    unix_defaults unix_accounts{};
    std::optional<domain_name> lists_domain{}; ///< of the list server, for new mailing lists
    std::string lists_transport{};             ///< how Postfix hands mail for that domain on
    vmail::password_scheme password_scheme = vmail::password_scheme::yescrypt;
    vmail::password_policy password_policy{}; ///< for new passwords
    std::filesystem::path journal_dir{}; ///< empty: see journal_folder()
    std::optional<std::chrono::hours> journal_age{};    ///< older journals go; nothing: none does
    std::optional<std::uint64_t> journal_bytes{};       ///< the oldest go where all together are more; nothing: none does
    std::filesystem::path lock_dir{};    ///< empty: see lock_folder()
    std::filesystem::path state_dir{};   ///< empty: see state_folder()
    std::chrono::hours expiry_period{24}; ///< how often the job that disables what has ended is started
    bool first_expiry_run_commits = false; ///< also the first run on a directory changes it
    notice_settings notices{};
    std::filesystem::path archive_dir{}; ///< of mailboxes that are taken away for good, and of backups; empty: none is named
    unsigned maildir_mode = 0700;        ///< of the folders of a new Maildir: 0700, 0750 or 0770
    std::vector<std::string> maildir_folders{}; ///< beside its INBOX, "Lists.Work" within "Lists"
    activity_settings activity{};
    std::string audit{};                 ///< where a line for each change goes: empty: nowhere; "syslog"; an absolute path
};

/// Throws error(configuration) for a value that makes no sense, naming the place it came from; error(usage) when that is a flag.
VMAIL_EXPORT configuration parse_configuration(const settings& s);

/// Whether a new Maildir may have a folder of that name: letters, digits, "-" and "_", with a dot between one and another within it. Others need an encoding of their own (RFC 3501
/// section 5.1.3).
VMAIL_EXPORT bool is_folder_name(std::string_view name) noexcept;

/// Where journals go: what is set, or else a place of the user's own. Asked for only by what keeps one: whoever has no home may still
/// look at things. Throws error(configuration).
VMAIL_EXPORT std::filesystem::path journal_folder(const configuration& c);
/// Where locks go. As above.
VMAIL_EXPORT std::filesystem::path lock_folder(const configuration& c);
/// Where a job keeps what its next run needs to know. As above.
VMAIL_EXPORT std::filesystem::path state_folder(const configuration& c);
/// Where it is kept what accounts do: what is set, or a file in that folder. As above.
VMAIL_EXPORT std::filesystem::path activity_store(const configuration& c);

/// What the entity layer needs to know. Throws error(configuration) when no base is set.
VMAIL_EXPORT site make_site(const configuration& c);

/// What a session needs, with the bind password out of its file, unless the caller has one from elsewhere. Throws error(configuration) when no server is
/// set or a bind DN has no password, and as read_secret_file().
VMAIL_EXPORT ldap::session_options make_session_options(const configuration& c, std::optional<secret> bind_password = {});

} // namespace vmail
