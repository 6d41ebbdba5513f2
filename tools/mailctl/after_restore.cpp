#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/compact_text.hpp>
#include <vmail/directory.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <cli/lock_file.hpp>

#include "after_restore.hpp"
#include "archive_file.hpp"
#include "kept_archives.hpp"
#include "mail_owner.hpp"
#include "purge_work.hpp"
#include "store_process.hpp"

namespace vmail::tools {

namespace {

bool is_there(directory& d, const std::string& address_text) {
    try {
        const auto a = address::parse(address_text);
        return d.find<mailbox>(a) || d.find<alias>(a);
    } catch (const invalid_value&) {
        return false; // the name of a file has not all characters of an address
    }
}

} // namespace

void after_restore::planned(const stored<domain>& d) {
    if (d->removed_at) moments_.emplace(d->name.text(), compact_text(moment_of_removal(d)));
}

bool after_restore::concerns(const std::string& address) const { return back_.contains(address) || back_.contains(address.substr(address.find('@') + 1)); }

void after_restore::finish() {
    if (run_.flags().dry_run || back_.empty()) return;
    tell_purged();
    bring_mail();
}

/// A purge names an archive by the moment at which the domain was removed: what went before is no part of it.
void after_restore::tell_purged() {
    if (moments_.empty()) return;
    const auto archives = list_archives(run_.configuration());
    for (const auto& [name, moment] : moments_) {
        if (!back_.contains(name)) continue;
        for (const kept_archive& a : archives) {
            if (a.moment != moment || !a.subject.ends_with(file_name_of('@' + name)) || is_there(run_.directory(), a.subject)) continue;
            run_.err().warning(fmt::format("{} was purged already: bring it back with \"{}\"", printable(a.subject), restore_command(a)));
        }
    }
}

/// Whoever may not touch mail, or is on another machine, leaves it to the next purge, which does the same.
void after_restore::bring_mail() {
    const auto& c = run_.configuration();
    struct stat seen{};
    if (::stat((c.mail_home + "/.vmail-trash").c_str(), &seen) != 0 && errno != EACCES) return;
    try {
        if (::geteuid() != 0 && ::geteuid() != owner_of_mail(c).user) return run_.err().detail("whether mail waits in the trash of a purge is for the next purge to see");
        const lock_file lock(purge_lock(c), "name another folder (lock-dir in mailctl.conf)");
        const store_process store(c);
        purge_work(run_, store, {}).give_back([this](const std::string& address) { return concerns(address); });
    } catch (const error& e) {
        if (!e.session_usable()) throw;
        run_.err().detail(fmt::format("what is in the trash of a purge is left to the next purge: {}", e.what()));
    }
}

} // namespace vmail::tools
