#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <vmail/address.hpp>
#include <vmail/directory.hpp>
#include <vmail/error.hpp>
#include <vmail/export.hpp>
#include <vmail/mailing_list.hpp>
#include <vmail/plan.hpp>
#include <vmail/unix_account.hpp>

namespace vmail {

/// By what a command that is given again knows what it left behind.
struct draft_options {
    /// The same for the same command: letters and digits. What an earlier run of it set aside and was cut before giving back is then taken over. Empty: one
    /// that no other draft has.
    std::string token{};
};

/// What becomes of the old name.
struct rename_options {
    bool keep_alias = false; ///< the old address stays, as an alias to the new one
};

/// What will be asked of a draft: for what is there, to make what is not, or either, as the directory turns out to be.
enum class expected { present, absent, either };

/// A plan in the making: reads the directory, keeps what it has planned so far in view, and writes nothing.
///
/// Each call is one thing asked for, with all the changes that it takes. It sees the directory as it will be when everything planned before is done: of two
/// equal names the second finds the first, a limit with one place left has room for one. What cannot be done throws, as directory's functions do,
/// and leaves the plan as it was; fail() puts it into the plan instead, so that the rest goes on.
class VMAIL_EXPORT draft {
public:
    /// The directory must outlive the draft.
    explicit draft(directory& d, draft_options options = {});
    draft(draft&&) noexcept;
    ~draft();

    directory& where() const noexcept;

    /// The entry as it will be.
    template <typename Entity> std::optional<stored<Entity>> find(const name_of<Entity>& name);
    template <typename Entity> stored<Entity> get(const name_of<Entity>& name);

    /// Says what find(), get() or add() will be called with next, for a hundred names or so at a time: what these ask the directory is asked for together then. It
    /// changes nothing but the time it takes. What was not called in the end is forgotten with the draft, or when its plan is taken.
    template <typename Entity> void expect(const std::vector<name_of<Entity>>& names, expected what);

    /// A new mailbox or alias; returned is what it will be: with the path and the login that were found for it, and the quota that its domain gives where it
    /// has none.
    mailbox add(const mailbox& m);
    alias add(const alias& a);
    /// A new domain that mail is only taken for; and an address in one.
    void add(const backup_domain& d);
    void add(const backup_mail& m);
    /// A new domain with its role addresses, which send to `postmaster` (nothing: to that of the site). One that an earlier run left half made
    /// is completed: it holds nothing else, and lacks postmaster@.
    void add(const domain& d, const std::optional<maildrop>& postmaster);

    /// A new domain without any: what it is to have is added by itself.
    void add_without_roles(const domain& d);

    /// A new virtual admin, with ou=admin where that is missing; or the rights of an administrator for the postmaster of a domain. Throws already_exists for one
    /// who has a password already, not_found for a domain that is not there, limit_exceeded for more domains than he may have.
    void add(const admin& a);

    /// A new mailing list: all its addresses or none, the public one last. What is there of it already, by a run that was cut or by hand, is completed. Its
    /// `entries` are not looked at. Throws already_exists where an address is something else, or nothing is missing.
    void add(const mailing_list& l);

    /// What differs from what was read of a mailing list: its owners, its description, and the domain that all its addresses lead to.
    void set(const stored<mailing_list>& l);
    /// What differs from what was read of a domain, and who gets the mail to postmaster@; the other role addresses go along where they went to the same people.
    void set(const stored<domain>& d, const std::optional<maildrop>& postmaster);

    /// What differs from what was read. Nothing different is a change without requests.
    template <typename Entity> void update(const stored<Entity>& e, std::string action, std::string why = {});
    /// A mailbox becomes what it was: an entry of the same name, with what no member models. By the rules of an update: limits, folders, logins and numbers are as they are now.
    void take_back(const stored<mailbox>& now, ldap::entry then, std::string action);
    /// Lifts the lock that the server's password policy puts on an account after wrong passwords; where there is none, nothing changes. The server forgets the
    /// wrong ones with it.
    void unlock(const stored<mailbox>& m);
    void unlock(const stored<admin>& a);
    /// The entry goes for good; what sends mail to it stays, and is told in the plan's notices, or with `references` is led nowhere: the targets go first.
    void remove(const stored<mailbox>& m, bool references = false);
    void remove(const stored<alias>& a, bool references = false);
    /// All addresses of it, the public one first.
    void remove(const stored<mailing_list>& l, bool references = false);
    /// A virtual admin for good; of a postmaster the rights: the alias stays.
    void remove(const stored<admin>& a);
    /// What sends mail to it, as notices of the plan.
    void note_references(const stored<mailbox>& m);
    void note_references(const stored<alias>& a);
    /// Throws error(invalid_value) while it holds addresses.
    void remove(const stored<backup_domain>& d);
    void remove(const stored<backup_mail>& m);
    /// The domain with its role addresses for good. It is marked first, so that nobody adds to it meanwhile. Throws error(invalid_value) while there is
    /// anything else in it.
    void remove(const stored<domain>& d);
    /// A domain that is marked as removed, and all that is in it, as it was read: addresses first, then mailboxes, one after the other, its role addresses and the domain at last.
    /// What is not done stops what would follow it.
    void remove_whole(const stored<domain>& d, const std::vector<ldap::entry>& contents);

    /// Another address for a mailbox; what sends mail to the old one follows, the mail stays where it is on disk. For as long as it takes, the entry
    /// answers to both. One that was begun by an earlier run is finished.
    void rename(const address& from, const address& to, const rename_options& options = {});
    /// Another address for a mailing list: all its addresses move, and lead to those of the new name at the list server.
    void rename_list(const address& from, const address& to, const rename_options& options = {});
    /// Another name for a domain and all addresses in it, in the same way. The name must be free.
    void rename(const domain_name& from, const domain_name& to);

    /// What has come while a rename was carried out, and so was in no plan: what others have led to an old address since, or added to the old domain. It is
    /// renamed and led over like the rest, as parts alone. Nothing is planned where nothing has come, or the old name is somebody else's by now.
    void lead_over_latecomers(const address& from, const address& to);
    void lead_over_latecomers_of_list(const address& from, const address& to);
    void lead_over_latecomers(const domain_name& from, const domain_name& to);

    /// Disables a domain and, with the reason "domain", what is in it (readers cannot see the entry above theirs); only the domain where the server does not
    /// record reasons. Enabling brings back exactly those.
    void disable(const stored<domain>& d, std::string_view reason, const std::string& comment);
    /// What is still in service of a domain or mailing list that is disabled, as it is after a run that was cut, but what `stays` says. Whether there is
    /// anything: without it, nothing is planned.
    bool disable_rest(const stored<domain>& d, const std::function<bool(const std::string&)>& stays);
    bool disable_rest(const stored<mailing_list>& l);
    /// What is in a domain is as the domain is by now: back, where that is in service and it was stopped with it; stopped, where it is not, but for what `stays`.
    /// False: it is so already.
    bool settle_contents(const stored<domain>& d, const std::function<bool(const std::string&)>& stays = {});
    /// A mailbox that was stopped with its domain comes back where that is in service by now.
    void follow_domain(const stored<mailbox>& m);
    /// Whether an addition would complete it, as one that was cut has left it.
    bool is_half_made(const stored<domain>& d);
    void enable(const stored<domain>& d);
    void mark_removed(const stored<domain>& d);
    void restore(const stored<domain>& d);

    /// All addresses of a mailing list, the public one first; enabled it is the last.
    void disable(const stored<mailing_list>& l, std::string_view reason, const std::string& comment);
    void enable(const stored<mailing_list>& l);

    /// Gives a mailbox an account of Unix, with the next free number where none is wished for, and returns it. Throws already_exists for one that has an account or for a
    /// number that somebody has, limit_exceeded for a number that is not of the site's or where none is left, invalid_value.
    unix_account add_unix_account(const stored<mailbox>& m, const unix_wishes& w);
    /// Changes what is wished for. Throws not_found for a mailbox without one, and as the other.
    unix_account set_unix_account(const stored<mailbox>& m, const unix_wishes& w);
    /// By the numbers that were wished for so far.
    const passed_numbers& numbers_passed_over() const noexcept;
    /// Takes the account of Unix away, as far as there is one; the mailbox stays.
    void remove_unix_account(const stored<mailbox>& m);

    /// Something asked for that cannot be done, and why.
    void fail(std::string subject, const error& why);
    /// Does it, or has it fail.
    void attempt(const std::string& subject, const std::function<void()>& act);
    /// Something that is as it should be.
    void leave(std::string subject, std::string why = {});

    /// How many things were asked for so far: the next one has this number in the plan.
    std::size_t items() const noexcept;
    plan take() &&;

    struct state;

private:
    std::unique_ptr<state> state_;
};

} // namespace vmail
