#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/jobs/export_tree.hpp>
#include <vmail/ldap/ldif_writer.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/printable.hpp>
#include <vmail/schema.hpp>
#include <vmail/standing.hpp>
#include <vmail/timestamp.hpp>

#include <cli/counted.hpp>
#include <cli/fd_stream.hpp>

#include "archive_file.hpp"
#include "command.hpp"

namespace vmail::tools {

namespace {

namespace fs = std::filesystem;

struct backup_flags {
    std::optional<std::string> folder{};
    std::optional<std::size_t> keep{};
};

constexpr std::string_view prefix = "tree-", suffix = ".ldif";

std::string file_name(timestamp t) { return fmt::format("{}{:.8}T{}Z{}", prefix, t.digits(), t.digits().substr(8), suffix); }

/// "tree-20261231T235959Z.ldif": what somebody else keeps there is none.
bool is_backup(std::string_view name) {
    if (!name.starts_with(prefix) || !name.ends_with(suffix) || name.size() != file_name(timestamp::now()).size()) return false;
    const auto moment = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
    return ascii::is_digits(moment.substr(0, 8)) && moment[8] == 'T' && ascii::is_digits(moment.substr(9, 6)) && moment[15] == 'Z';
}

fs::path folder_of(invocation& run, const backup_flags& flags) {
    const fs::path folder = flags.folder ? fs::path(*flags.folder) : run.configuration().archive_dir;
    if (folder.empty()) throw error(error_kind::configuration, "no folder for backups is named", {.hint = "give --dir DIR, or set archive-dir"});
    return folder;
}

export_summary write_tree(invocation& run, std::ostream& out) {
    auto& d = run.directory();
    ldap::ldif_writer writer(out);
    auto sum = export_tree(d.session(), d.site().layout, {.passwords = true}, [&](const ldap::entry& e) { writer.write(e); });
    const ldap::dn admins = d.site().layout.admins();
    if (!d.session().find(admins, ldap::no_attributes())) return sum;
    sum.entries += d.session().for_each({admins}, [&](ldap::entry&& e) { writer.write(e); });
    return sum;
}

/// The oldest go, and never the one that was just made.
std::size_t rotate(const fs::path& folder, std::size_t keep) {
    std::vector<std::string> names;
    for (const auto& e : fs::directory_iterator(folder))
        if (is_backup(e.path().filename().native())) names.push_back(e.path().filename().native());
    std::sort(names.begin(), names.end(), std::greater<>());
    std::size_t gone = 0;
    for (std::size_t n = keep; n < names.size(); ++n) gone += ::unlink((folder / names[n]).c_str()) == 0;
    return gone;
}

int backup(invocation& run, const backup_flags& flags) {
    if (flags.keep == 0) throw error(error_kind::usage, "--keep 0 would keep nothing of what is made");
    require_sight(run.session(), run.directory().site());
    const fs::path folder = folder_of(run, flags);
    archive_file file(folder, file_name(timestamp::now()));
    fd_stream out(file.get(), file.path().native());
    const auto sum = write_tree(run, out);
    out.flush();
    if (run.flags().dry_run) {
        run.err().note(fmt::format("{} would be in {} (dry run)", counted(sum.entries, "entries"), printable(file.path().native())));
        return 0;
    }
    file.commit();
    run.out() << printable(file.path().native()) << '\n';
    if (sum.without_password > 0) run.err().warning(fmt::format("{} of {} mailboxes come without a password: there is none, or we may not read it", sum.without_password, sum.mailboxes));
    run.err().note(fmt::format("{} in it", counted(sum.entries, "entries")));
    if (flags.keep)
        if (const auto gone = rotate(folder, *flags.keep); gone > 0) run.err().note(fmt::format("{} removed", counted(gone, "older backups")));
    return 0;
}

} // namespace

void add_backup_tree_command(command_tree& tree) {
    const auto& verb = tree.add_verb<backup_flags>(
        tree.root(), "backup", "Write all entries, with their hashes, to a file that is dated", "mailctl backup --dir /var/backups/mailctl --keep 30",
        [](CLI::App& added, backup_flags& flags) {
            added.add_option("--dir", flags.folder, "to this folder (archive-dir in mailctl.conf)")->type_name("DIR");
            added.add_option("--keep", flags.keep, "so many stay, and older ones go")->type_name("N");
        },
        backup);
    tree.writes_only(verb, {"table"}, "the name of a file");
}

} // namespace vmail::tools
