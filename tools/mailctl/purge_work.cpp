#include "purge_work.hpp"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/compact_text.hpp>
#include <vmail/error.hpp>
#include <vmail/jobs/journal.hpp>
#include <vmail/ldap/ldif_writer.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/mail_folder.hpp>
#include <vmail/naming.hpp>
#include <vmail/printable.hpp>
#include <vmail/schema.hpp>

#include "archive_file.hpp"
#include "kept_archives.hpp"

namespace vmail::tools {

namespace {

namespace attr = schema::attr;

/// "DIRECTORY.ENTRY.MOMENT.FOLDER", the last as folder_mark() has it.
struct waiting {
    std::string directory, entry, moment, folder;
};

waiting parse_name(const std::string& name) {
    std::istringstream parts(name);
    waiting w;
    for (std::string* const part : {&w.directory, &w.entry, &w.moment, &w.folder}) std::getline(parts, *part, '.');
    return w;
}

/// What a restore unpacks, which begins anew.
bool is_half_unpacked(const std::string& name) { return name.starts_with("restore."); }
bool is_newcomer(const std::string& name) { return name.ends_with(".newcomer"); }

} // namespace

std::filesystem::path purge_lock(const configuration& c) { return lock_folder(c) / fmt::format("mailctl-purge-{:016x}.lock", ascii::ihash(c.mail_home)); }

void require_own_mail_home(invocation& run) {
    const auto& s = run.settings();
    if (!s[setting_key::uri].origin.starts_with("sandbox ") || s[setting_key::mail_home].source >= setting_source::environment) return;
    throw error(error_kind::configuration, fmt::format("the mail in {} is not that of the sandbox", printable(run.configuration().mail_home)), {.hint = "name a folder for it with MAILCTL_MAIL_HOME"});
}

std::string archive_input(invocation& run, const ldap::entry& e, const purge_item& item) {
    const auto heading = journal_heading::of("purge", run.directory());
    std::ostringstream out;
    const auto line = [&](std::string_view name, std::string_view text) { out << name << ": " << printable(text) << '\n'; };
    line("address", item.subject);
    line("entry", item.entry_uuid);
    line("version", item.entry_csn);
    line("folder", item.folder);
    line("removed", item.removed.rfc3339());
    line("archived", timestamp::now().rfc3339());
    line("tree", heading.tree);
    line("directory", heading.directory);
    out << '\n';
    ldap::entry plain = e;
    plain.erase(attr::entry_uuid);
    plain.erase(attr::entry_csn);
    ldap::ldif_writer(out).write(plain);
    return out.str();
}

std::string require_directory(invocation& run) {
    std::string directory = journal_heading::of("purge", run.directory()).directory;
    if (directory.empty()) throw denied("the container of all domains cannot be read: what is removed cannot be told from what is hidden");
    return directory;
}

purge_work::purge_work(invocation& run, const store_process& store, std::filesystem::path archives)
    : run_(run), store_(store), archives_(std::move(archives)), directory_(require_directory(run)) {
    run.session().never_read(attr::clear_password);
}

void purge_work::trouble(const std::string& sentence) {
    ++troubles_;
    run_.err().warning(sentence);
}

std::string purge_work::archive(const ldap::entry& e, const purge_item& item) {
    if (archives_.empty()) return {};
    archive_file file(archives_, archive_name(item.subject, compact_text(item.removed), item.entry_uuid));
    const auto answer = store_.ask_about({"archive", item.folder, item.domain}, archive_input(run_, e, item), file.get());
    file.commit();
    run_.err().detail(fmt::format("{}: {} files in {}", printable(item.subject), value_in(answer, "files"), printable(file.path().native())));
    if (!item.folder.empty() && value_in(answer, "mail") != "yes") run_.err().note(fmt::format("{}: there is no mail at {}, and none in its archive", printable(item.subject), vmail::quoted(item.folder)));
    if (const auto others = value_in(answer, "others"); others != "0")
        run_.err().note(fmt::format("{}: {} of what is in its folder is neither file nor folder: a link is archived as such, and no restore makes it again", printable(item.subject), others));
    return value_in(answer, "inventory");
}

namespace {

/// By what path below a link one gets to a folder, or into it: "old.example/bob" to "new.example/bob" where "old.example" leads to "new.example".
std::optional<std::string> way_by(const std::string& link, const std::string& led_to, const std::string& folder) {
    if (folder == led_to || led_to.starts_with(folder + '/')) return link;
    return folder.starts_with(led_to + '/') ? std::optional(link + folder.substr(led_to.size())) : std::nullopt;
}

} // namespace

void purge_work::require_no_other_way(const purge_item& item) {
    const std::string folder = mail_folder::bare(item.folder);
    if (const auto depth = static_cast<std::size_t>(std::count(folder.begin(), folder.end(), '/') + 1); depth > links_depth_) {
        links_depth_ = depth;
        links_.clear();
        const auto all = pieces_of(store_.ask({"links", std::to_string(depth)}), '\0');
        for (std::size_t i = 1; i < all.size(); i += 2) links_.emplace_back(all[i - 1], all[i]);
    }
    const auto& where = run_.directory().site().layout;
    const auto is_own = [&](const ldap::entry& e) { return e.first(attr::entry_uuid) == item.entry_uuid; };
    for (const auto& [link, led_to] : links_) {
        const auto way = way_by(link, led_to, folder);
        if (!way) continue;
        auto owner = mail_folder::owner(run_.session(), where, *way + '/', is_own);
        if (!owner) owner = mail_folder::owner_around(run_.session(), where, *way + '/', is_own);
        if (owner) throw invalid_value(fmt::format("{}: nothing is done to the folder {}: {} has it, too, by the symbolic link {}", printable(item.subject), vmail::quoted(folder), printable(*owner), vmail::quoted(link)), {.dn = item.dn});
    }
}

void purge_work::archive_once(const purge_item& item) {
    if (!archived_.contains(item.entry_uuid)) archived_[item.entry_uuid] = archive(require_still_removed(run_.directory(), item), item);
}

void purge_work::prepare(const purge_item& item) {
    if (archived_.contains(item.entry_uuid)) require_still_removed(run_.directory(), item);
    else archive_once(item);
    const std::string& inventory = archived_[item.entry_uuid];
    if (item.folder.empty()) return;
    require_no_other_way(item);
    const std::string name = fmt::format("{}.{}.{}.{}", directory_, item.entry_uuid, compact_text(timestamp::now()), folder_mark(run_.configuration().mail_home, item.folder));
    taken_[item.entry_uuid] = name; // before it is there: of what is not, nothing is to be settled
    store_.ask({"take", item.folder, item.domain, name, archives_.empty() ? "" : inventory});
}

void purge_work::settle(const purge_item& item) {
    const auto taken = taken_.find(item.entry_uuid);
    if (taken == taken_.end()) return;
    try {
        settle(taken->second, item.entry_uuid);
    } catch (const error& e) {
        trouble(fmt::format("{}: what becomes of its mail in the trash is for the next purge to say: {}", printable(item.subject), e.what()));
    }
    taken_.erase(taken);
}

/// The entry decides: mail without one has been archived, as far as that was wanted, before its entry went.
void purge_work::settle(const std::string& name, const std::string& entry_uuid) {
    const auto there = find_by_uuid(run_.directory(), entry_uuid);
    if (!there) {
        store_.ask({"empty", name});
        return;
    }
    const auto home = there->first(attr::vd_home).value_or(""), path = there->first(attr::mailbox).value_or("");
    store_.ask({"give-back", name, folder_below(run_.configuration().mail_home, home, path), ""});
}

void purge_work::settle_one(const std::string& name) {
    if (is_half_unpacked(name)) {
        store_.ask({"empty", name});
        return;
    }
    const waiting w = parse_name(name);
    if (w.directory != directory_) return run_.err().detail(fmt::format("{} in the trash belongs to another directory", printable(name)));
    const std::string whose = address_of(w.entry);
    if (is_newcomer(name)) return trouble(fmt::format("{} in the trash holds what came into {} while its mail was away: put it back by hand", printable(name), whose));
    if (const auto owner = new_owner(w.entry, w.folder))
        return trouble(fmt::format("{} in the trash is mail of {} and lay where that of {} lies now: is it the same person, put it back by hand, else remove it", printable(name), whose, printable(*owner)));
    settle(name, w.entry);
    run_.err().note(fmt::format("what an earlier purge had left of {} in the trash is settled", whose));
}

/// An entry that an undo, a backup or somebody by hand made anew is another one to the server.
std::optional<std::string> purge_work::new_owner(const std::string& entry_uuid, const std::string& mark) const {
    if (mark.empty() || find_by_uuid(run_.directory(), entry_uuid)) return std::nullopt;
    return owner_of_marked(run_.directory(), mark);
}

std::string purge_work::address_of(const std::string& entry_uuid) const {
    const auto there = find_by_uuid(run_.directory(), entry_uuid);
    return there ? printable(naming::subject_of(*there)) : fmt::format("a mailbox that is gone, {},", printable(entry_uuid));
}

void purge_work::give_back(const std::function<bool(const std::string&)>& concerns) {
    each_in_trash([&](const std::string& name) {
        const waiting w = parse_name(name);
        if (is_half_unpacked(name) || is_newcomer(name) || w.directory != directory_) return;
        const auto there = find_by_uuid(run_.directory(), w.entry);
        if (!there || !concerns(naming::subject_of(*there))) return;
        settle(name, w.entry);
        run_.err().note(fmt::format("the mail of {} was in the trash of a purge, and is back", printable(naming::subject_of(*there))));
    });
}

void purge_work::settle_trash() {
    each_in_trash([this](const std::string& name) { settle_one(name); });
}

void purge_work::each_in_trash(const std::function<void(const std::string&)>& visit) {
    for (const std::string& name : pieces_of(store_.ask({"names"}), '\n')) {
        try {
            visit(name);
        } catch (const error& e) {
            if (!e.session_usable()) throw;
            trouble(fmt::format("{} in the trash: {}", printable(name), e.what()));
        }
    }
}

} // namespace vmail::tools
