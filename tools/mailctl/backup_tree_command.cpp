#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

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
#include <cli/number_in.hpp>

#include "archive_file.hpp"
#include "backup_file.hpp"
#include "command.hpp"
#include "surroundings.hpp"

namespace vmail::tools {

namespace {

namespace fs = std::filesystem;

struct backup_flags {
    std::optional<std::string> folder{};
    std::optional<std::size_t> keep{};
};

fs::path folder_of(invocation& run, const backup_flags& flags) {
    const fs::path folder = flags.folder ? fs::path(*flags.folder) : run.configuration().archive_dir;
    if (folder.empty()) throw error(error_kind::configuration, "no folder for backups is named", {.hint = "give --dir DIR, or set archive-dir"});
    return folder;
}

struct written_tree {
    export_summary sum;
    backup_fullness fullness;
};

written_tree write_tree(invocation& run, std::ostream& out) {
    auto& d = run.directory();
    ldap::ldif_writer writer(out);
    writer.write_comment(backup_mark::first);
    auto sum = export_tree(d.session(), d.site().layout, {.passwords = true}, [&](const ldap::entry_view& e) { writer.write(e); });
    sum.entries += write_administrators(run, writer, true);
    // As it stands in a file, where a line break would end it.
    backup_fullness fullness{sum.entries, sum.mailboxes - sum.without_password, printable(d.session().identity())};
    writer.write_comment(fullness.text());
    return {sum, fullness};
}

/// What an interrupted copy or a full disk has left has the name of a backup and nothing in it: it is none.
bool is_something(const fs::path& file) {
    struct stat seen{};
    return ::lstat(file.c_str(), &seen) == 0 && S_ISREG(seen.st_mode) && seen.st_size > 0;
}

/// In the order in which they were made.
std::vector<backup_name> backups_in(const fs::path& folder) {
    std::vector<backup_name> found;
    for (const auto& e : fs::directory_iterator(folder))
        if (const auto name = backup_name::parse(e.path().filename().native()); name && is_something(e.path())) found.push_back(*name);
    std::sort(found.begin(), found.end());
    return found;
}

/// Of those before `made` the oldest go. Itself and what somebody else has made since stay and count; what has a name that lies in the future tells nothing
/// of its age, stays, and takes no place of another. What has more in it than the new one, which somebody with less sight may have made, stays as well.
std::size_t rotate(invocation& run, const fs::path& folder, std::size_t keep, const backup_name& made, const backup_fullness& fullness) {
    const auto all = backups_in(folder);
    const auto own = std::lower_bound(all.begin(), all.end(), made);
    const timestamp now = std::max(timestamp::now(), made.moment);
    const auto future = std::find_if(own, all.end(), [&](const backup_name& b) { return b.moment > now; });
    for (auto b = future; b != all.end(); ++b)
        run.err().warning(fmt::format("{} lies in the future: it is neither counted nor removed", printable((folder / b->text()).native())));
    const auto older = static_cast<std::size_t>(own - all.begin()), others = static_cast<std::size_t>(future - own);
    const std::size_t stay = keep > others ? keep - others : 0;
    std::size_t gone = 0, fuller = 0;
    for (std::size_t n = 0; n + stay < older; ++n) {
        const std::string path = folder / all[n].text();
        const auto before = backup_fullness::of(path);
        if (before && !fullness.replaces(*before)) ++fuller;
        else gone += ::unlink(path.c_str()) == 0;
    }
    if (fuller > 0)
        run.err().warning(fmt::format("{} of more entries or passwords than {}, which {} made, {} not removed: remove {} by hand where that is right", counted(fuller, "older backups"), printable(made.text()),
                                      fullness.identity, fuller == 1 ? "is" : "are", fuller == 1 ? "it" : "them"));
    return gone;
}

/// Of two that are made in one second each is kept; the later is the later by its name, also where those before it have gone.
void commit_beside_others(archive_file& file, const fs::path& folder, backup_name& name) {
    for (const auto& there : backups_in(folder))
        if (there.moment == name.moment) name.number = there.number + 1;
    while (!file.commit_as(name.text())) ++name.number;
}

int backup(invocation& run, const backup_flags& flags) {
    require_sight(run.session(), run.directory().site());
    const fs::path folder = folder_of(run, flags);
    backup_name name{timestamp::now()};
    sweep_archives(folder);
    archive_file file(folder, name.text());
    fd_stream out(file.get(), file.path().native());
    const auto made = write_tree(run, out);
    const export_summary& sum = made.sum;
    out.flush();
    if (run.flags().dry_run) {
        run.err().note(fmt::format("{} would be in {} (dry run)", counted(sum.entries, "entries"), printable(file.path().native())));
        return 0;
    }
    commit_beside_others(file, folder, name);
    run.out() << printable(file.path().native()) << '\n';
    if (sum.without_password > 0) run.err().warning(fmt::format("{} of {} mailboxes come without a password: there is none, or we may not read it", sum.without_password, sum.mailboxes));
    run.err().note(fmt::format("{} in it", counted(sum.entries, "entries")));
    if (flags.keep)
        if (const auto gone = rotate(run, folder, *flags.keep, name, made.fullness); gone > 0) run.err().note(fmt::format("{} removed", counted(gone, "older backups")));
    return 0;
}

} // namespace

void add_backup_tree_command(command_tree& tree) {
    const auto& verb = tree.add_verb<backup_flags>(
        tree.root(), "backup", "Write all entries, with their hashes, to a file that is dated", "mailctl backup --dir /var/backups/mailctl --keep 30",
        [](CLI::App& added, backup_flags& flags) {
            added.add_option("--dir", flags.folder, "to this folder (archive-dir in mailctl.conf)")->type_name("DIR");
            added.add_option("--keep", flags.keep, "so many stay, and older ones go")->type_name("N")->transform(number_in(1, 100000));
        },
        backup);
    tree.writes_only(verb, {"table"}, "the name of a file");
}

} // namespace vmail::tools
