#include <grp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <functional>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/enumerated.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>
#include <vmail/unified_diff.hpp>
#include <vmail/written_file.hpp>

#include <cli/report.hpp>

#include "command.hpp"
#include "config_folder.hpp"
#include "daemon_files.hpp"

namespace vmail::tools {

namespace {

struct config_files_flags {
    std::vector<std::string> files{};
    std::optional<std::string> out{}, place{}, server_id{};
    daemon_choices choices{};
    bool diff = false, replace = false;
};

// ---- what is asked for

int parse_server_id(const std::string& text, std::size_t providers) {
    int id = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), id);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || id < 1 || static_cast<std::size_t>(id) > providers)
        throw error(error_kind::usage, fmt::format("--server-id {} is not the number of a provider, which are counted from 1 to {}", vmail::quoted(text), providers));
    return id;
}

/// What makes no sense together.
void require_fitting(const config_files_flags& flags) {
    const auto refuse_if = [](bool is_so, const char* sentence) {
        if (is_so) throw error(error_kind::usage, sentence);
    };
    refuse_if(flags.diff && !flags.out, "--diff compares with what is in a folder, and --out names none");
    refuse_if(flags.replace && !flags.out, "--replace is about the files of a folder, and --out names none");
    refuse_if(flags.diff && flags.replace, "--diff changes nothing, and --replace does");
    refuse_if(flags.choices.with_secrets && flags.out, "--with-secrets is about standard output: files in a folder have them");
    refuse_if(flags.choices.providers.size() == 1, "a replicated directory has two providers or more: --provider URI for each");
    refuse_if(!flags.choices.providers.empty() && !flags.server_id, "which of the providers this server is, --server-id N says");
    refuse_if(flags.choices.providers.empty() && flags.server_id, "--server-id is the number of a --provider, and none is given");
}

/// Of a user, as useradd(8) makes them. cron and systemd would read anything else as something else.
void require_user_name(std::string_view text) {
    const auto fits = [](char c) { return ascii::is_alnum(c) || c == '_' || c == '-' || c == '.'; };
    if (text.empty() || ascii::is_digit(text.front()) || text.front() == '-' || text.front() == '.' || !std::all_of(text.begin(), text.end(), fits))
        throw invalid_value(fmt::format("--user takes the name of a user of the system, not {}", vmail::quoted(text)));
}

void require_server_uri(std::string_view text) {
    constexpr std::array<std::string_view, 3> schemes = {"ldap://", "ldaps://", "ldapi://"};
    const auto begins = [&](std::string_view scheme) { return ascii::istarts_with(text, scheme) && text.size() > scheme.size(); };
    if (std::none_of(schemes.begin(), schemes.end(), begins)) throw invalid_value(fmt::format("--provider takes the URI of a server, such as ldaps://one.example.org, not {}", vmail::quoted(text)));
}

void require_absolute(const char* flag, const std::string& path) {
    if (!path.starts_with('/')) throw error(error_kind::usage, fmt::format("{} must be an absolute path", flag));
}

std::string whole_path(const std::string& path) {
    const auto settled = std::filesystem::absolute(path).lexically_normal();
    return (settled.has_filename() ? settled : settled.parent_path()).native();
}

/// The folder of --out is where the daemon finds the files, unless --place says otherwise.
std::string place_of(const daemon& d, const config_files_flags& flags) {
    if (flags.place) {
        require_absolute("--place", *flags.place);
        return whole_path(*flags.place);
    }
    return flags.out ? whole_path(*flags.out) : std::string(d.place);
}

/// Asks the directory when the first file wants it, once.
std::function<sending_rules()> rules_of_directory(invocation& run) {
    return [&run, known = std::optional<sending_rules>()]() mutable {
        if (!known) known = read_sending_rules(run.directory(), [&run](const std::string& sentence) { run.err().warning(sentence + ": it does not count"); });
        return *known;
    };
}

daemon_choices settled_choices(invocation& run, const daemon& d, const config_files_flags& flags) {
    auto choices = flags.choices;
    choices.rules = rules_of_directory(run);
    require_user_name(choices.run_as);
    require_absolute("--data", choices.data);
    std::for_each(choices.providers.begin(), choices.providers.end(), require_server_uri);
    choices.place = place_of(d, flags);
    if (flags.server_id) choices.server_id = parse_server_id(*flags.server_id, choices.providers.size());
    choices.with_secrets = choices.with_secrets || flags.out;
    return choices;
}

std::vector<daemon_file> filled_files(invocation& run, const daemon& d, const config_files_flags& flags, const daemon_choices& choices) {
    std::vector<daemon_file> files;
    for (const auto& name : flags.files.empty() ? names_of_files(d, choices) : flags.files) files.push_back(fill_file(d, name, run.configuration(), choices));
    return files;
}

std::string text_of(const daemon& d, const daemon_file& file) { return marked(file.text, fmt::format("mailctl config {}", d.name)); }

// ---- on standard output

int print_files(invocation& run, const daemon& d, const std::vector<daemon_file>& files) {
    for (const auto& file : files) {
        if (files.size() > 1) run.out() << fmt::format("#\n# ---- {}\n#\n", file.name);
        run.out() << text_of(d, file);
    }
    return 0;
}

// ---- in a folder

/// Root alone reads a secret, or with root the group of the daemon, where it reads as a user of its own.
std::optional<gid_t> group_of(const daemon& d) {
    if (::geteuid() != 0 || d.group.empty()) return std::nullopt;
    const auto* const group = ::getgrnam(std::string(d.group).c_str());
    return group == nullptr ? std::nullopt : std::optional(group->gr_gid);
}

wanted_file wanted_of(const daemon& d, const daemon_file& file) {
    wanted_file wanted{.name = file.name, .text = text_of(d, file)};
    if (!file.has_secret) return wanted;
    wanted.group = group_of(d);
    wanted.mode = wanted.group ? 0640 : 0600;
    return wanted;
}

struct looked_at {
    wanted_file wanted;
    found_file found;
};

bool is_to_be_written(const looked_at& l) { return l.found.standing != file_standing::same || l.found.is_open_wider; }

std::string names_where(const config_folder& folder, const std::vector<looked_at>& all, file_standing standing) {
    std::vector<std::string> names;
    for (const auto& one : all)
        if (one.found.standing == standing) names.push_back(printable(folder.path_of(one.wanted.name)));
    return enumerated(names);
}

void require_ours(const config_folder& folder, const std::vector<looked_at>& all, bool replace) {
    if (const auto names = names_where(folder, all, file_standing::foreign); !names.empty())
        throw already_exists(fmt::format("not written by mailctl, and left alone: {}", names), {.hint = "move it away, or name another folder"});
    if (const auto names = names_where(folder, all, file_standing::edited); !names.empty() && !replace)
        throw already_exists(fmt::format("changed since mailctl wrote it: {}; nothing is written", names), {.hint = "--diff shows the changes, --replace takes them back"});
}

outcome outcome_of(const looked_at& l) {
    if (!is_to_be_written(l)) return {"unchanged", false};
    return {l.found.standing == file_standing::absent ? "written" : "replaced"};
}

int write_files(invocation& run, const config_folder& folder, const std::vector<looked_at>& all, bool replace) {
    require_ours(folder, all, replace);
    std::vector<const wanted_file*> files;
    for (const auto& one : all)
        if (is_to_be_written(one)) files.push_back(&one.wanted);
    if (!run.flags().dry_run) folder.write(files);
    attempts said(run, "file");
    for (const auto& one : all) said.attempt(folder.path_of(one.wanted.name), [&] { return outcome_of(one); });
    const int status = said.finish();
    return status == 0 && !files.empty() && run.flags().detailed_exit_status ? 2 : status;
}

// ---- what is different there

std::string_view first_word(std::string_view line) {
    const auto begin = std::min(line.find_first_not_of("# \t"), line.size());
    line.remove_prefix(begin);
    const auto end = std::find_if(line.begin(), line.end(), [](char c) { return !ascii::is_alnum(c) && c != '_'; });
    return line.substr(0, static_cast<std::size_t>(end - line.begin()));
}

/// Calls with each line and its end.
template <typename Act>
void for_each_line(std::string_view text, const Act& act) {
    while (!text.empty()) {
        const auto line = text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1);
        act(line);
        text.remove_prefix(line.size());
    }
}

/// What the lines begin with that have a secret: bind_pw, credentials.
std::vector<std::string> secret_words(const std::string& text_without_secrets) {
    std::vector<std::string> words;
    for_each_line(text_without_secrets, [&](std::string_view line) {
        if (line.find("_PASSWORD@") != std::string_view::npos) words.emplace_back(first_word(line));
    });
    return words;
}

/// Neither secrets, nor the digest of a text that has some.
std::string shown(const std::string& text, const std::vector<std::string>& words) {
    std::string result;
    for_each_line(text, [&](std::string_view line) {
        if (result.empty() && line.starts_with("# Written by ")) result += "# Written by mailctl\n";
        else if (std::find(words.begin(), words.end(), first_word(line)) != words.end()) result += fmt::format("{} (not shown)\n", first_word(line));
        else result += line;
    });
    return result;
}

int show_differences(invocation& run, const daemon& d, const daemon_choices& choices, const config_folder& folder, const std::vector<looked_at>& all) {
    auto without = choices;
    without.with_secrets = false;
    bool differs = false;
    for (const auto& [wanted, found] : all) {
        if (found.standing == file_standing::same) continue;
        differs = true;
        const auto words = secret_words(fill_file(d, wanted.name, run.configuration(), without).text);
        const auto path = folder.path_of(wanted.name);
        const auto told = unified_diff(shown(found.text.value_or(""), words), shown(wanted.text, words), found.text ? path : "/dev/null", path);
        if (told.empty()) run.err().note(fmt::format("{} differs in a secret alone, or in its first line", printable(path)));
        run.out() << told;
    }
    return differs && run.flags().detailed_exit_status ? 2 : 0;
}

int config_files(invocation& run, const daemon& d, const config_files_flags& flags) {
    require_fitting(flags);
    const auto choices = settled_choices(run, d, flags);
    if ((!flags.out || flags.diff) && run.format() != output_format::table) throw error(error_kind::usage, fmt::format("what config {} prints is in no other format", d.name), {.hint = "leave --output out"});
    const auto files = filled_files(run, d, flags, choices);
    if (!flags.out) return print_files(run, d, files);
    const config_folder folder(choices.place == *flags.out ? choices.place : whole_path(*flags.out));
    std::vector<looked_at> all;
    for (const auto& file : files) {
        auto wanted = wanted_of(d, file);
        auto found = folder.look(wanted);
        all.push_back({std::move(wanted), std::move(found)});
    }
    return flags.diff ? show_differences(run, d, choices, folder, all) : write_files(run, folder, all, flags.replace);
}

// ---- flags

void add_common_flags(CLI::App& verb, config_files_flags& flags) {
    verb.add_option("file", flags.files, "these files alone")->type_name("FILE");
    verb.add_option("--out", flags.out, "write them into this folder")->type_name("DIR");
    verb.add_option("--place", flags.place, "where they will be read, if that is not there")->type_name("DIR");
    verb.add_flag("--diff", flags.diff, "show what is different in the folder, change nothing");
    verb.add_flag("--replace", flags.replace, "also files that were changed since they were written");
    verb.add_flag("--with-secrets", flags.choices.with_secrets, "print passwords, too");
}

void add_own_flags(CLI::App& verb, std::string_view name, config_files_flags& flags) {
    if (name == "dovecot") verb.add_option("--dovecot", flags.choices.dovecot, "in the syntax of this version")->check(CLI::IsMember({"2.3", "2.4"}))->option_text("2.3|2.4");
    if (name == "mailman") verb.add_option("--mailman", flags.choices.mailman, "2: by a pipe; 3: by LMTP")->check(CLI::IsMember({"2", "3"}))->option_text("2|3");
    if (name == "cron" || name == "systemd") verb.add_option("--user", flags.choices.run_as, "as whom it runs, mailctl by default")->type_name("NAME");
    if (name != "slapd") return;
    verb.add_option("--data", flags.choices.data, "where its databases are, /var/lib/ldap by default")->type_name("DIR");
    verb.add_option("--provider", flags.choices.providers, "a server of a replicated directory; each, in their order")->type_name("URI")->allow_extra_args(false);
    verb.add_option("--server-id", flags.server_id, "which of them this one is, from 1")->type_name("N");
    verb.add_option("--replicator-password-file", flags.choices.replicator_password_file, "the password by which they read from each other")->type_name("FILE");
}

} // namespace

void add_config_file_verbs(command_tree& tree, CLI::App& noun) {
    for (const auto& d : all_daemons())
        tree.add_verb<config_files_flags>(
            noun, std::string(d.name), std::string(d.help), std::string(d.example),
            [&d](CLI::App& verb, config_files_flags& flags) {
                add_common_flags(verb, flags);
                add_own_flags(verb, d.name, flags);
            },
            [&d](invocation& run, const config_files_flags& flags) { return config_files(run, d, flags); });
}

} // namespace vmail::tools
