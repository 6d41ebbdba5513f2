#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <vmail/alias.hpp>
#include <vmail/ascii.hpp>
#include <vmail/descriptor.hpp>
#include <vmail/draft.hpp>
#include <vmail/error.hpp>
#include <vmail/jobs/import.hpp>
#include <vmail/jobs/journal.hpp>
#include <vmail/jobs/passwords.hpp>
#include <vmail/jobs/purge.hpp>
#include <vmail/ldap/ldif_reader.hpp>
#include <vmail/ldap/ldif_writer.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/mail_store/folder_path.hpp>
#include <vmail/naming.hpp>
#include <vmail/printable.hpp>
#include <vmail/program.hpp>
#include <vmail/schema.hpp>
#include <vmail/service_change.hpp>

#include <cli/lock_file.hpp>
#include <cli/plan_run.hpp>
#include <cli/report.hpp>
#include <cli/terminal.hpp>
#include <cli/write_log.hpp>

#include "archive_file.hpp"
#include "backup_file.hpp"
#include "command.hpp"
#include "kept_archives.hpp"
#include "purge_work.hpp"
#include "store_process.hpp"

namespace vmail::tools {

namespace {

namespace attr = schema::attr;
namespace cls = schema::cls;

struct restore_flags {
    std::string address{};
    std::string archive{};
    std::string backup{};
    std::string mailbox{};
    bool other_domains = false;
    std::optional<std::string> max_changes{};
};

/// Entries of it are written with all our rights: nobody else may have made it.
descriptor open_trusted(const std::string& path) {
    descriptor fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    struct stat seen{};
    if (!fd || ::fstat(fd.get(), &seen) != 0) throw error(error_kind::input_missing, fmt::format("cannot read {}: {}", printable(path), system_reason()));
    if (!S_ISREG(seen.st_mode)) throw invalid_value(fmt::format("{} is no regular file", printable(path)));
    const bool ours = seen.st_uid == 0 || seen.st_uid == ::geteuid();
    if (!ours || (seen.st_mode & 022U) != 0)
        throw error(error_kind::configuration, fmt::format("{} belongs to somebody else, or others may write to it", printable(path)), {.hint = "look what is in it, and make it yours"});
    return fd;
}

bool same_name(const ldap::entry& e, const std::string& wanted) { return ascii::iequals(naming::subject_of(e), wanted); }

/// What was stopped with its domain alone is in service again where that is by now, and what worked goes with a domain that is stopped; it does not count as
/// stopped anew where it is, in the tree, already.
template <typename Entity> void follow_domain(invocation& run, Entity& e, const disabled_state& there = {}) {
    const auto around = run.directory().find<domain>(e.address.domain());
    if (!around) return;
    const service_change service(run.directory());
    const bool is_served = around->value.active && !around->value.removed;
    if (is_served && !e.active && e.disabled.reason == reason::domain) return service.enable(e);
    if (is_served || !e.active || e.removed || !run.directory().records_reasons()) return;
    service.disable(e, reason::domain);
    if (there.reason == reason::domain) e.disabled = there;
    run.err().note(fmt::format("{} is disabled with its domain, and comes back when {} is enabled", printable(e.address.text()), e.address.domain().text()));
}

/// The same, of an entry that is not in the tree yet, or is not what it is there.
template <typename Entity> void follow_domain_as(invocation& run, ldap::entry& e, const disabled_state& there = {}) {
    const auto& site = run.directory().site();
    auto value = Entity::from_entry(e, site);
    const bool was_active = value.active;
    follow_domain(run, value, there);
    if (value.active != was_active || value.disabled.reason == reason::removed) value.to_entry(e, site);
}

// ---- from an archive

/// An archive that was read to its end.
struct archived_entry {
    ldap::entry entry;
    std::string subject;
    std::string folder{};  ///< below the home of all mail; empty: there is no mail
    std::string domain{};  ///< that the folder has to bear the name of; empty: any
    std::string digest{};  ///< of the mail
    std::string files{};
    std::string removed{}; ///< when, as its name and those of what went with it have it
    std::uint64_t bytes = 0, free = 0; ///< of its mail, and where that goes
};

std::uint64_t number_in_answer(std::string_view answer, std::string_view name) {
    const std::string text = value_in(answer, name);
    std::uint64_t n = 0;
    std::from_chars(text.data(), text.data() + text.size(), n);
    return n;
}

ldap::entry only_entry(const std::string& text) {
    std::istringstream in(text);
    ldap::ldif_reader reader(in, "entry.ldif in the archive");
    auto record = reader.next();
    auto* const found = record ? std::get_if<ldap::ldif_add>(&record->what) : nullptr;
    if (found == nullptr || reader.next()) throw invalid_value("the archive holds something else than one entry");
    return std::move(found->entry);
}

/// Where an entry of its kind lies in our tree, and nowhere else: an archive that somebody wrote makes no administrator, and no identity of a daemon.
void require_place(invocation& run, const ldap::entry& e, const std::string& subject) {
    const auto& where = run.directory().site().layout;
    const bool is_box = e.has_class(cls::account), is_alias = e.has_class(cls::alias), is_domain = e.has_class(cls::domain);
    if (is_box + is_alias + is_domain != 1) throw invalid_value("the archive is of no mailbox, alias or domain");
    const ldap::dn place = is_box ? where.mailbox(address::parse(subject)) : is_domain ? where.domain(domain_name::parse(subject)) : where.alias(alias_address::parse(subject));
    if (!(e.dn() == place)) throw invalid_value(fmt::format("the entry in the archive, {}, is not where one of {} is: {}", printable(e.dn().text()), printable(subject), printable(place.text())));
}

/// Of another directory the mail may have had another home: it comes to ours, into the folder that it had below that.
void bring_home(invocation& run, ldap::entry& e, const std::string& manifest) {
    const std::string& home = run.configuration().mail_home;
    const std::string folder = value_in(manifest, "folder"), before = e.first(attr::vd_home).value_or("");
    const bool is_ours = value_in(manifest, "directory") == journal_heading::of("restore", run.directory()).directory;
    if (is_ours || folder.empty() || before == home || before.starts_with(home + '/')) return;
    e.set(attr::vd_home, home);
    e.set(attr::mailbox, folder);
    run.err().note(fmt::format("the archive is of another directory, where all mail is in {}: here it is in {}", printable(before), printable(home)));
}

archived_entry read_archived(invocation& run, const store_process& store, const descriptor& file, const restore_flags& flags) {
    const std::string answer = store.ask({"check"}, file.get());
    const auto blank = answer.find("\n\n");
    const std::string manifest = answer.substr(0, blank + 1);
    archived_entry a{.entry = only_entry(answer.substr(blank + 2)), .subject = "", .digest = value_in(manifest, "mail-sha256"), .files = value_in(manifest, "files"), .removed = value_in(manifest, "removed"), .bytes = number_in_answer(manifest, "bytes"), .free = number_in_answer(manifest, "free")};
    std::erase_if(a.removed, [](char c) { return c == '-' || c == ':'; });
    a.subject = naming::subject_of(a.entry);
    if (!flags.address.empty() && !same_name(a.entry, flags.address)) throw invalid_value(fmt::format("the archive is of {}, and not of {}", printable(a.subject), printable(flags.address)));
    require_place(run, a.entry, a.subject);
    if (a.entry.has_class(cls::alias)) follow_domain_as<alias>(run, a.entry);
    if (!a.entry.has_class(cls::account)) return a;
    bring_home(run, a.entry, manifest);
    const std::string folder = folder_below(run.configuration().mail_home, a.entry.first(attr::vd_home).value_or(""), a.entry.first(attr::mailbox).value_or(""));
    if (!flags.other_domains) a.domain = address::parse(a.subject).domain().text();
    mail_store::folder_path::parse(folder, a.domain);
    if (value_in(manifest, "mail") == "yes") a.folder = folder;
    if (const auto others = value_in(manifest, "others"); others != "0") run.err().note(fmt::format("{} of what was in its folder is neither file nor folder, and is left out", others));
    return a;
}

/// Whether it is in service, since when, and for how long it was away, is no difference.
bool is_mark(std::string_view name) {
    constexpr std::array marks = {attr::delete_, attr::removed_at, attr::account_active, attr::disabled_reason, attr::disabled_comment, attr::disabled_at, attr::disabled_by,
                                  attr::last_change, attr::object_class, attr::entry_uuid, attr::entry_csn};
    return std::any_of(marks.begin(), marks.end(), [&](std::string_view m) { return ascii::iequals(m, name); });
}

/// As a restore that was cut has left it, or somebody who brought back what that had left.
bool is_as_archived(const ldap::entry& there, const ldap::entry& wanted) {
    const auto differences = ldap::diff(there, wanted);
    return std::all_of(differences.begin(), differences.end(), [](const auto& m) { return is_mark(m.attribute); });
}
bool is_removed(const ldap::entry& e) { return e.first(attr::delete_) == "TRUE"; }

/// A domain that comes back has its role addresses at once, with the site's own target: who ran it is in their archives.
bool is_fresh_role_address(invocation& run, const ldap::entry& there, const std::string& subject) {
    const auto& site = run.directory().site();
    const address name = address::parse(subject);
    const auto roles = site.role_addresses.in(name.domain());
    if (std::find(roles.begin(), roles.end(), name) == roles.end()) return false;
    const alias made = alias::from_entry(there, site);
    return made.targets == std::vector{site.postmaster} && !there.has(attr::user_password);
}

/// Nobody sees it, and no purge takes it, until its mail is there.
ldap::entry as_just_removed(invocation& run, ldap::entry e) {
    if (e.has_class(cls::alias)) return e;
    const timestamp now = timestamp::now();
    e.set(attr::delete_, "TRUE");
    e.set(attr::last_change, std::to_string(now.epoch()));
    if (!run.directory().records_reasons()) return e;
    e.add_class(cls::state);
    e.set(attr::removed_at, now.generalized());
    return e;
}

/// By the rules of an import: an address, a login and a folder are one's alone, and a domain has limits.
void add_entry(invocation& run, const ldap::entry& e) {
    std::ostringstream text;
    ldap::ldif_writer(text).write(e);
    const descriptor file = memory_file(text.str());
    import_options options{.run = make_run_options(run, "restore", {})};
    options.notice = [&](const plan_notice& n) { run.err().note(n.sentence); };
    const auto sum = import_ldif(run.directory(), fmt::format("/proc/self/fd/{}", file.get()), options, {});
    sum.success();
}

/// Whether its mail is where it was already; throws for anything else there.
bool has_its_mail(const store_process& store, const archived_entry& a, const descriptor& file) {
    if (a.folder.empty()) return true;
    const std::string answer = store.ask({"holds", a.folder, a.domain}, file.get());
    if (answer == "no\n") throw already_exists(fmt::format("{}: there is mail at {} that is not in the archive", printable(a.subject), vmail::quoted(a.folder)), {.hint = "move it away first"});
    return answer == "yes\n";
}

void bring_mail(const store_process& store, const archived_entry& a, const descriptor& file) {
    const std::string name = fmt::format("restore.{:016x}", ascii::ihash(a.folder));
    store.ask({"extract", name, a.digest}, file.get());
    store.ask({"release", name, a.folder, a.domain});
}

/// Two of one number are one to the system.
void tell_number(invocation& run, const archived_entry& a) {
    const auto number = a.entry.first(attr::uid_number);
    if (!number) return;
    for (const ldap::entry& e : run.session().search({run.directory().site().layout.container(), ldap::scope::subtree, ldap::filter::equal(attr::uid_number, *number), ldap::no_attributes()}))
        if (!(e.dn() == a.entry.dn())) run.err().warning(fmt::format("{} and {} have the uidNumber {}", printable(a.subject), printable(naming::subject_of(e)), printable(*number)));
}

int bring_back(invocation& run, const archived_entry& a) {
    tell_number(run, a);
    draft d(run.directory());
    if (a.entry.has_class(cls::domain)) {
        d.restore(d.get<domain>(domain_name::parse(a.subject)));
    } else {
        auto m = d.get<mailbox>(address::parse(a.subject));
        service_change(run.directory()).restore(m.value);
        follow_domain(run, m.value);
        d.update(m, "restored");
    }
    return carry_out(run, std::move(d).take(), {.job = "restore", .field = "address", .plural = "entries", .question = question::never});
}

int tell_restored(invocation& run, const archived_entry& a) {
    report said(run, {.item_field = "address"});
    said.done(a.subject, {.word = "restored"});
    said.finish(true);
    return 0;
}

/// What a person did to it since; what the server keeps itself, and when it was last changed, is no difference.
std::vector<ldap::modification> differences_of(const ldap::entry& there, const ldap::entry& then) {
    ldap::entry now = there;
    now.erase(attr::entry_uuid);
    now.erase(attr::entry_csn);
    auto changes = ldap::diff(now, then);
    std::erase_if(changes, [](const auto& m) { return ascii::iequals(m.attribute, attr::last_change); });
    if (!changes.empty()) changes.push_back({ldap::change::replace, std::string(attr::last_change), {std::to_string(timestamp::now().epoch())}});
    return changes;
}

int take_back(invocation& run, const ldap::entry& there, const archived_entry& a) {
    planned_change c{.subject = a.subject, .action = "restored"};
    if (auto changes = differences_of(there, a.entry); !changes.empty()) c.requests = {ldap::modify_request{there.dn(), std::move(changes), ldap::precondition::unchanged(there)}};
    plan p;
    p.changes.push_back(std::move(c));
    return carry_out(run, p, {.job = "restore", .field = "address", .plural = "entries", .question = question::never});
}

/// Of a domain each mailbox and alias has an archive of its own, of the same moment.
void tell_contents(invocation& run, const archived_entry& a, const std::filesystem::path& archives) {
    for (const kept_archive& kept : list_archives(archives))
        if (kept.moment == a.removed && kept.subject.ends_with(file_name_of('@' + a.subject))) run.err().note(fmt::format("{} went with it: bring it back with \"{}\"", printable(kept.subject), restore_command(kept)));
}

/// Marked as removed it would take no place in its domain, and could not come back.
void require_place_left(invocation& run, const archived_entry& a) {
    if (!a.entry.has_class(cls::account)) return;
    try {
        draft d(run.directory());
        mailbox m = mailbox::from_entry(a.entry, run.directory().site());
        m.removed = false;
        d.add(m);
    } catch (const limit_exceeded&) {
        throw;
    } catch (const error& other) { // the addition itself tells
        if (!other.session_usable()) throw;
    }
}

void require_room(const archived_entry& a) {
    if (a.bytes > a.free) throw unavailable(fmt::format("{}: there is no room for its mail: it has {} bytes, and {} are free", printable(a.subject), a.bytes, a.free));
}

int restore_archive(invocation& run, const restore_flags& flags) {
    const descriptor file = open_trusted(flags.archive);
    require_own_mail_home(run);
    const store_process store(run.configuration());
    const archived_entry a = read_archived(run, store, file, flags);
    run.session().never_read(attr::clear_password);
    std::optional<lock_file> lock;
    if (!run.flags().dry_run) lock.emplace(purge_lock(run.configuration()), "name another folder (lock-dir in mailctl.conf)");
    const auto there = run.session().find(a.entry.dn(), ldap::whole_entry());
    const auto exists = [&] { return already_exists(fmt::format("{} exists", printable(a.subject)), {.dn = a.entry.dn().text()}); };
    if (there && a.entry.has_class(cls::alias) && is_fresh_role_address(run, *there, a.subject)) return take_back(run, *there, a);
    if (there && !is_as_archived(*there, a.entry)) throw exists();
    const bool has_mail = has_its_mail(store, a, file);
    if (there && has_mail && !is_removed(*there)) throw exists();
    // Of mail without an entry nobody knows whose it is, even where it looks like what is archived.
    if (has_mail && !a.folder.empty() && !there) throw already_exists(fmt::format("{}: its mail is at {} already, and there is no entry", printable(a.subject), vmail::quoted(a.folder)), {.hint = "move it away first, or restore the entry by its journal"});
    if (!has_mail) require_room(a);
    if (!there) require_place_left(run, a);
    if (!there) add_entry(run, as_just_removed(run, a.entry));
    if (run.flags().dry_run) {
        if (!a.folder.empty()) run.err().note(fmt::format("{} files of mail go to {} (dry run)", a.files, vmail::quoted(a.folder)));
        return 0;
    }
    if (!has_mail) bring_mail(store, a, file);
    if (a.entry.has_class(cls::alias) || (there && !is_removed(*there))) return tell_restored(run, a);
    const int status = bring_back(run, a);
    if (a.entry.has_class(cls::domain)) tell_contents(run, a, std::filesystem::absolute(flags.archive).parent_path());
    return status;
}

// ---- from a backup

/// Of a record that was cut, what is missing would be taken away from the mailbox.
void require_whole(const std::string& path, const backup_marks& marks, std::size_t entries) {
    const bool is_backup = marks.begins || marks.entries || backup_name::parse(std::filesystem::path(path).filename().native());
    if (is_backup && marks.entries != entries)
        throw invalid_value(fmt::format("{} is not whole: its last line does not tell that there are {} entries in it", printable(path), entries), {.hint = "take another backup; a part of one brings nothing back"});
    if (!is_backup && !marks.is_closed)
        throw invalid_value(fmt::format("{} may have been cut: there is no empty line behind its last record", printable(path)), {.hint = "if nothing of it is missing, add one"});
}

std::optional<ldap::entry> find_in_backup(const std::string& path, const std::string& wanted) {
    open_trusted(path);
    std::ifstream in(path);
    std::size_t entries = 0;
    ldap::ldif_reader reader(in, path);
    std::optional<ldap::entry> found;
    while (auto record = reader.next()) {
        ++entries;
        auto* const e = std::get_if<ldap::ldif_add>(&record->what);
        if (e == nullptr) throw invalid_value(fmt::format("{} is no backup: it has changes", printable(path)));
        if (!same_name(e->entry, wanted) || e->entry.has_class(cls::admin)) continue;
        if (found) throw invalid_value(fmt::format("{} has {} twice", printable(path), printable(wanted)));
        found = std::move(e->entry);
    }
    require_whole(path, read_backup_marks(path), entries);
    return found;
}

/// A backup that has no hash was made by who may not read it, or without it: that tells nothing of whether there was one.
void keep_passwords(invocation& run, const ldap::entry& there, ldap::entry& then) {
    for (const auto& a : there.attributes()) {
        if (!jobs::is_password(a.name) || jobs::is_clear_password(a.name) || then.has(a.name)) continue;
        then.set(a.name, a.values);
        run.err().note(fmt::format("{} stays, the backup has none", jobs::is_user_password(a.name) ? "the password" : printable(a.name)));
    }
}

int restore_from_backup(invocation& run, const restore_flags& flags) {
    const std::string wanted = address::parse(flags.mailbox).text();
    auto then = find_in_backup(flags.backup, wanted);
    if (!then) throw not_found(fmt::format("there is no {} in {}", printable(wanted), printable(flags.backup)));
    require_place(run, *then, wanted);
    run.session().never_read(attr::clear_password);
    const auto there = run.session().find(then->dn(), ldap::whole_entry());
    const auto& site = run.directory().site();
    follow_domain_as<mailbox>(run, *then, there ? mailbox::from_entry(*there, site).disabled : disabled_state{});
    if (!there) {
        add_entry(run, *then);
        return run.flags().dry_run ? 0 : tell_restored(run, {.entry = *then, .subject = wanted});
    }
    keep_passwords(run, *there, *then);
    draft d(run.directory());
    d.take_back({mailbox::from_entry(*there, site), *there}, *then, "restored");
    const plan p = std::move(d).take();
    if (!run.flags().dry_run && !run.flags().quiet)
        for (const planned_change& c : p.changes)
            for (const auto& request : c.requests) run.err().text(to_ldif(request));
    return carry_out(run, p, {.job = "restore", .field = "address", .plural = "mailboxes", .ask = "take {} back to this?", .question = question::always, .max_changes = flags.max_changes});
}

int restore(invocation& run, const restore_flags& flags) {
    const auto refuse = [](const char* why, const char* hint) { throw error(error_kind::usage, why, {.hint = hint}); };
    if (flags.archive.empty() == flags.backup.empty()) refuse("restore takes what it brings back from an archive or from a backup", "give --archive FILE, or --from BACKUP --mailbox ADDRESS; what is marked as removed comes back with \"mailctl mailbox restore\"");
    if (!flags.backup.empty() && flags.mailbox.empty()) refuse("of a backup one mailbox is brought back", "give --mailbox ADDRESS");
    if (!flags.archive.empty() && !flags.mailbox.empty()) refuse("an archive is of one mailbox", "--mailbox goes with --from");
    remember_interrupts();
    return flags.archive.empty() ? restore_from_backup(run, flags) : restore_archive(run, flags);
}

} // namespace

void add_restore_command(command_tree& tree) {
    tree.add_verb<restore_flags>(
        tree.root(), "restore", "Bring back what was purged, or take a mailbox back to a backup", "mailctl restore --archive /var/backups/mailboxes/bob@example.org.20261231T000000Z.UUID.tar.zst",
        [](CLI::App& verb, restore_flags& flags) {
            verb.add_option("address", flags.address, "of whom the archive has to be")->type_name("");
            verb.add_option("--archive", flags.archive, "entry and mail, as purge has archived them")->type_name("FILE");
            verb.add_option("--from", flags.backup, "a backup, as backup writes it")->type_name("FILE");
            verb.add_option("--mailbox", flags.mailbox, "with --from: this mailbox is made what it was then")->type_name("ADDRESS");
            verb.add_flag("--other-domains", flags.other_domains, "with --archive: also to a folder that bears the name of another domain");
            verb.add_option("--max-changes", flags.max_changes, "the most that may change at once; \"none\": no limit. Without it 10, or 1 % of all mailboxes if that is more")->type_name("N");
        },
        restore);
}

} // namespace vmail::tools
