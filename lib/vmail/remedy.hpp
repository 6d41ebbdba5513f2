#pragma once

#include <span>
#include <string_view>

#include <vmail/export.hpp>

namespace vmail {

/// What can be done about an error by whoever called us. A program says it in its own words: by a command, a button, a line in its manual. What is to be
/// done about the *server* is in error::hint(). Where a subject is named here, error::subject() is it.
enum class remedy {
    none,                                 ///< nothing of this kind
    add_domain,                           ///< make the domain (subject) first
    add_backup_domain,                    ///< make the backup domain (subject) first
    restore_domain,                       ///< the domain (subject) is marked as removed: bring it back first
    restore_domain_instead,               ///< the domain to be made (subject) is there, marked as removed: bring it back
    empty_domain_or_mark_removed,         ///< the domain (subject) holds something: empty it first, or only mark it as removed
    empty_backup_domain,                  ///< the backup domain (subject) holds addresses: remove them first
    restore_mailbox_or_remove_for_good,   ///< the address (subject) is that of a mailbox marked as removed
    raise_limit_mailboxes,                ///< raise the number of mailboxes of the domain (subject)
    raise_limit_aliases,                  ///< raise the number of aliases of the domain (subject)
    raise_limit_quota,                    ///< ask for a smaller quota, or raise what the mailboxes of the domain (subject) share
    give_quota,                           ///< the mailboxes of the domain (subject) share a total: give this one a quota in bytes
    ask_identity,                         ///< see as whom the server knows us: session::identity()
    name_a_server,                        ///< session_options::uris is empty
    name_only_a_server,                   ///< the URI names an entry, too, which is to be the base
    use_encrypted_connection,             ///< ldaps:// or StartTLS, else the password crosses the network in clear text
    encrypt_or_allow_clear_on_loopback,   ///< as before, or session_options::allow_clear_bind_on_loopback
    name_certificate_authority,           ///< session_options::ca_file
    load_schema_or_name_expiry_attribute, ///< the server knows no attribute for the ends of mailboxes
    look_then_allow_changes,              ///< more would change than is allowed: look at what would, then allow that many (subject)
    name_journal_folder,                  ///< there is no place for a journal
    name_another_journal_folder,          ///< the journal's folder cannot be used
    make_room_for_journal,                ///< the journal's disk is full: make room, or name another folder
    name_lock_folder,                     ///< there is no place for a lock
    name_state_folder,                    ///< there is no place for what a job keeps for its next run, or it cannot be used
    accept_clock,                         ///< the clock of this machine can hardly be right: if it is, say so
    commit_first_run,                     ///< a job has never run on this directory, and only tells what it would do: look at it, then let it
    set_base,                             ///< no base DN is set
    give_bind_password,                   ///< a bind DN is set, and neither a password nor its file
    see_settings,                         ///< the settings file has a line that means nothing: see which settings there are
    set_new_password,                     ///< the server lets us do nothing else: set a new password of our own
    let_server_set_password,              ///< the server judges passwords, and so takes no hash: hand it the password itself
    name_whole_dn,                        ///< the one to bind as is named by the DN of an entry, and by nothing shorter
    rename_one_by_one,                    ///< a domain of the new name (subject) is there: what is in the old one can be renamed into it, one after the other
    unset_variable,                       ///< the environment sets a variable (subject) that nothing of ours knows
    finish_domain_rename,                 ///< a domain is half renamed: the same rename (subject: both names, with a blank between them), given again, finishes it
};

/// The word for a remedy, as a program may log it ("add_domain"); "none" for none.
VMAIL_EXPORT std::string_view name(remedy r) noexcept;

/// All of them, none included, in their order: a program's own table of words can be checked against it.
VMAIL_EXPORT std::span<const remedy> all_remedies() noexcept;

} // namespace vmail
