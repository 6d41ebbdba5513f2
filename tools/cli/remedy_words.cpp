#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "remedy_words.hpp"

namespace vmail::tools {

namespace {

struct row {
    vmail::remedy remedy;
    std::string_view words; ///< "{}" is the subject
};

constexpr std::array table = {
    row{remedy::add_domain, "make it with \"mailctl domain add {}\""},
    row{remedy::add_backup_domain, "make it with \"mailctl backup-domain add {}\""},
    row{remedy::restore_domain, "bring it back with \"mailctl domain restore {}\""},
    row{remedy::restore_domain_instead, "it is marked as removed: bring it back with \"mailctl domain restore\""},
    row{remedy::empty_domain_or_mark_removed, "remove its mailboxes and aliases first, or only mark it as removed (without --now)"},
    row{remedy::empty_backup_domain, "remove them first: \"mailctl backup-mail list --domain {0} -o name | mailctl backup-mail remove -\""},
    row{remedy::restore_mailbox_or_remove_for_good,
        "bring it back with \"mailctl mailbox restore\", or take it away for good with \"mailctl mailbox remove --now\""},
    row{remedy::raise_limit_mailboxes, "raise it with \"mailctl domain set {} --max-mailboxes N\""},
    row{remedy::raise_limit_aliases, "raise it with \"mailctl domain set {} --max-aliases N\""},
    row{remedy::raise_limit_quota, "give a smaller quota, or raise the total with \"mailctl domain set {} --max-quota SIZE\""},
    row{remedy::give_quota, "give one with --quota"},
    row{remedy::ask_identity, "\"mailctl whoami\" tells which one it is"},
    row{remedy::name_a_server, "give --sandbox, or -H URI and -b BASE, or write them into /etc/mailctl/mailctl.conf (see mailctl.conf(5))"},
    row{remedy::name_only_a_server, "give the entry with --base, and only the server in the URI"},
    row{remedy::use_encrypted_connection, "use ldaps:// or --starttls"},
    row{remedy::encrypt_or_allow_clear_on_loopback, "use ldapi://, ldaps:// or --starttls, or allow it on this machine with --allow-clear-bind"},
    row{remedy::name_certificate_authority, "name its authority with --ca-file"},
    row{remedy::load_schema_or_name_expiry_attribute,
        "load the mail schema into the server, or name the attribute that holds the ends of mailboxes (expiry-attribute in mailctl.conf)"},
    row{remedy::look_then_allow_changes, "look at the list with --dry-run; if it is right, allow it with --max-changes {}"},
    row{remedy::name_journal_folder, "name a folder (journal-dir in mailctl.conf)"},
    row{remedy::name_another_journal_folder, "name another folder for the journal (journal-dir in mailctl.conf)"},
    row{remedy::make_room_for_journal, "make room, or name another folder for it (journal-dir in mailctl.conf)"},
    row{remedy::name_lock_folder, "name a folder (lock-dir in mailctl.conf)"},
    row{remedy::name_state_folder, "name a folder (state-dir in mailctl.conf)"},
    row{remedy::accept_clock, "set the clock; if it is right, run once with --accept-clock"},
    row{remedy::commit_first_run, "look at the list; if it is right, run it once with --commit, or set \"expiry-first-run = commit\" in mailctl.conf"},
    row{remedy::set_base, "give -b BASE, or \"base = BASE\" in mailctl.conf; --sandbox brings its own"},
    row{remedy::give_bind_password, "give its file with -y FILE (or bind-password-file in mailctl.conf), or -W to be asked"},
    row{remedy::see_settings, "mailctl.conf(5) lists what may stand in this file"},
    row{remedy::set_new_password, "set one with \"mailctl mailbox password ADDRESS\""},
    row{remedy::let_server_set_password,
        "this server judges new passwords and takes no hash: add a mailbox with --no-password, and let \"mailctl mailbox password --server-side\" set one"},
    row{remedy::name_whole_dn,
        "the DN of an entry is wanted: a postmaster is cn=postmaster,vd=DOMAIN,o=hosting,BASE, a virtual admin cn=NAME,ou=admin,BASE, and \"mailctl admin show\" tells each"},
    row{remedy::rename_one_by_one, "\"mailctl mailbox rename\" takes one mailbox after the other into {}: mailctl-cookbook(7) tells how a domain is merged into another"},
    row{remedy::finish_domain_rename, "finish that first: \"mailctl domain rename {}\" does"},
    row{remedy::unset_variable, "unset {}, or see mailctl.conf(5) for the name that is meant"},
};

} // namespace

std::string words_for(remedy r, std::string_view subject) {
    const auto found = std::find_if(table.begin(), table.end(), [&](const row& candidate) { return candidate.remedy == r; });
    return found == table.end() ? std::string() : fmt::format(fmt::runtime(found->words), subject);
}

std::string advice(const error& e) {
    const auto words = words_for(e.remedy(), e.subject());
    return e.hint().empty() || words.empty() ? e.hint() + words : e.hint() + ": " + words;
}

} // namespace vmail::tools
