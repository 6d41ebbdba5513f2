#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/configuration.hpp>
#include <vmail/jobs/sending_rules.hpp>

namespace vmail::tools {

/// A program that reads the directory, or that runs us, and the files that it wants.
struct daemon {
    std::string_view name;  ///< the verb
    std::string_view place; ///< where it looks for its files
    std::string_view group; ///< of the user that it reads its secrets as; empty: it does as root
    std::string_view help;
    std::string_view example;
};

std::span<const daemon> all_daemons() noexcept;

/// What is said for one run, beside the settings.
struct daemon_choices {
    std::string place{};                 ///< where the daemon will find the files
    std::string data = "/var/lib/ldap";  ///< of slapd
    std::string dovecot = "2.3";         ///< whose syntax
    std::string mailman = "3";
    std::string run_as = "mailctl";      ///< the user of cron and systemd
    std::vector<std::string> providers{}; ///< the URIs of all servers of a replicated directory, in their order
    std::optional<int> server_id{};      ///< which of them this one is, from 1
    std::optional<std::string> replicator_password_file{};
    std::function<sending_rules()> rules{}; ///< how much who may send, for files that say it: the directory is asked
    bool with_secrets = false;           ///< else their names stay in their places
};

/// A file as the daemon gets it.
struct daemon_file {
    std::string name;
    std::string text;
    bool has_secret;
};

/// The names of a daemon's files, in order.
std::vector<std::string> names_of_files(const daemon& d, const daemon_choices& choices);

/// The same with those that a run writes only when they are named.
std::vector<std::string> known_files(const daemon& d, const daemon_choices& choices);

/// One of them, filled. Throws error(configuration) for a setting that is missing, or that the file cannot have.
daemon_file fill_file(const daemon& d, const std::string& name, const configuration& c, const daemon_choices& choices);

} // namespace vmail::tools
