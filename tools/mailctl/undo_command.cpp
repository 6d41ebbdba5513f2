#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/jobs/journal_reader.hpp>
#include <vmail/jobs/undo.hpp>
#include <vmail/ldap/access_log.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/naming.hpp>
#include <vmail/printable.hpp>
#include <vmail/schema.hpp>

#include <cli/plan_run.hpp>

#include "archive_file.hpp"
#include "command.hpp"
#include "kept_archives.hpp"

namespace vmail::tools {

namespace {

struct undo_flags {
    std::string what{};
    std::optional<std::string> only{};
    std::optional<std::string> max_changes{};
};

/// A file, or the id of one in the folder.
std::optional<std::filesystem::path> find_journal(invocation& run, const std::string& what) {
    if (what.find('/') != std::string::npos || what.ends_with(".journal")) {
        if (std::filesystem::exists(what)) return what;
        const auto in_folder = journal_folder(run.configuration()) / what;
        if (std::filesystem::exists(in_folder)) return in_folder;
        throw error(error_kind::input_missing, fmt::format("there is no journal {}", printable(what)));
    }
    for (const auto& file : list_journals(journal_folder(run.configuration())))
        if (journal_id(file) == what) return file;
    return std::nullopt;
}

std::optional<change_record> find_in_server_record(invocation& run, const std::string& id) {
    auto& d = run.directory();
    const auto log = ldap::find_access_log(d.session(), d.site().layout.container());
    if (!log) return std::nullopt;
    // By its name: for a range of moments the server may need minutes.
    const auto there = d.session().find(log->child("reqStart", id), {"*", "entryCSN"});
    if (!there) return std::nullopt;
    return as_change_record(ldap::access_record::from_entry(*there));
}

bool looks_like_server_id(const std::string& text) { return text.size() > 15 && ascii::is_digits(text.substr(0, 14)) && text.ends_with('Z'); }

change_record find_record(invocation& run, const std::string& what) {
    if (const auto file = find_journal(run, what)) return read_journal(*file);
    if (looks_like_server_id(what))
        if (auto found = find_in_server_record(run, what)) return std::move(*found);
    throw error(error_kind::input_missing, fmt::format("there is no journal and no record {}", printable(what)), {.hint = "\"mailctl log\" shows the ids of what was done"});
}

/// The entry that the change adds again, by its place.
const ldap::entry* added_by(const planned_change& c) {
    for (const auto& r : c.requests)
        if (const auto* const add = std::get_if<ldap::add_request>(&r)) return &add->entry;
    return nullptr;
}

/// What a purge took away comes back with its mail or not at all: an entry alone would pass for the account, and stand in the way of its archive.
void refuse_archived(invocation& run, plan& p) {
    std::map<std::string, kept_archive> latest;
    for (auto& a : list_archives(run.configuration())) latest.insert_or_assign(a.subject, std::move(a));
    for (planned_change& c : p.changes) {
        const auto* const entry = added_by(c);
        if (entry == nullptr) continue;
        const std::string subject = naming::subject_of(*entry);
        if (const auto a = latest.find(file_name_of(subject)); a != latest.end())
            c.fault = invalid_value(fmt::format("{} was purged, and is archived with its mail: its entry alone is not brought back", printable(subject)), {.dn = entry->dn().text(), .hint = restore_command(a->second)});
        else if (entry->has_class(schema::cls::account)) run.err().warning(fmt::format("{} was purged, and no archive of it is there: its entry comes back, and its mail does not", printable(subject)));
    }
}

int undo(invocation& run, const undo_flags& flags) {
    auto what = find_record(run, flags.what);
    if (flags.only) keep_only(what, *flags.only);
    plan p = plan_undo(run.directory(), what);
    if (what.job == "purge") refuse_archived(run, p);
    if (p.empty()) run.err().note("there is nothing to undo: nothing of it was done, or all is undone already");
    // What is taken back was allowed when it was done, and this can be taken back itself: a cap is for who wants one.
    const auto most = flags.max_changes ? flags.max_changes : std::optional<std::string>("none");
    return carry_out(run, p, {.job = "undo", .field = "subject", .plural = "changes", .ask = "undo {}?", .question = question::always, .max_changes = most});
}

} // namespace

void add_undo_command(command_tree& tree) {
    tree.add_verb<undo_flags>(
        tree.root(), "undo", "Take back what a journal, or the server's record, tells", "mailctl undo 20261231T235959Z-4711 --dry-run",
        [](CLI::App& verb, undo_flags& flags) {
            verb.add_option("journal", flags.what, "the id that log shows, or the file of a journal")->type_name("")->required();
            verb.add_option("--only", flags.only, "what was done to this address or domain alone")->type_name("NAME");
            verb.add_option("--max-changes", flags.max_changes, "the most that may change at once; without it as many as are to be undone")->type_name("N");
        },
        undo);
}

} // namespace vmail::tools
