#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/admin.hpp>
#include <vmail/alias.hpp>
#include <vmail/domain.hpp>
#include <vmail/entity_traits.hpp>
#include <vmail/export.hpp>
#include <vmail/layout.hpp>
#include <vmail/ldap/request.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/mailbox.hpp>
#include <vmail/state.hpp>

namespace vmail {

/// What is true of the site, and what the directory may ask its caller. The functions may be called within any call of the directory.
struct directory_options {
    vmail::site site;
    /// What the caller should know but is no error; one sentence, safe to print.
    std::function<void(const std::string&)> on_notice{};
    /// Whether a folder for mail, absolute, was or is somebody's although no entry has it: what lies in a local store, what an old record tells. A new account
    /// never gets such a one by itself. Empty: no folder is.
    std::function<bool(const std::string& home, const std::string& path)> folder_is_taken{};
    /// Whose such a folder was, by what is remembered of mailboxes that are gone: an address, or empty where nobody knows any more. Nothing: nobody's. It is given to no
    /// other account, also where a person chooses it. Empty: nothing is remembered.
    std::function<std::optional<std::string>(const std::string& home, const std::string& path)> former_owner{};
};

/// What to list.
struct list_options {
    std::optional<domain_name> domain{};  ///< nothing: of all domains
    std::optional<ldap::filter> filter{}; ///< and-ed with what is looked for
    bool removed = false;                 ///< also those that are marked as removed
};

/// Operations on typed entities (domain, mailbox, alias, admin), with the rules that keep a tree sound: an address exists once, mail never goes in a circle of one, a
/// domain's limits hold, no two mailboxes share a folder, readers find TRUE and FALSE where their filters look for them, what we do not model survives.
///
/// find returns nothing for what is not there, get throws not_found. A write is one request that the server carries out only if the entry is as it was read;
/// otherwise it throws conflict. What takes more than one write is a plan (draft.hpp) that the runner carries out. Everything may throw what ldap::session
/// throws. One thread at a time; of no use in a child after fork().
class VMAIL_EXPORT directory {
public:
    /// The session must outlive the directory. It never reads clearPassword from now on.
    directory(ldap::session& s, directory_options options);
    directory(directory&&) noexcept;
    directory& operator=(directory&&) noexcept;
    ~directory();

    const vmail::site& site() const noexcept;
    ldap::session& session() const noexcept;
    const directory_options& options() const noexcept;

    /// At its place in the tree, or elsewhere below o=hosting by its address: a tree that others made may name it differently, and one that is
    /// being renamed answers to its old address, too. Throws conflict when two entries have the address.
    template <typename Entity> std::optional<stored<Entity>> find(const name_of<Entity>& name);
    template <typename Entity> stored<Entity> get(const name_of<Entity>& name);
    /// Asks for what find() of these asks, as session::look_ahead() does; of those that are not at their place, also whether they are elsewhere. Returns which are not there, as far
    /// as that was asked for here.
    template <typename Entity> std::vector<name_of<Entity>> look_ahead(const std::vector<name_of<Entity>>& names);
    /// What find() of it asks first.
    template <typename Entity> ldap::search_request request_for(const name_of<Entity>& name) const;
    /// All of them, from a complete answer.
    /// Of administrators: the virtual ones, then the postmasters who have a password; `domain` asks who runs it.
    template <typename Entity> listing<Entity> list(const list_options& options = {});
    /// Hands them over one by one as they come, without holding them all; what cannot be read goes to the second function. Errors of theirs come through.
    template <typename Entity>
    void for_each(const list_options& options, const std::function<void(stored<Entity>&&)>& visit, const std::function<void(unreadable_entry&&)>& unreadable);

    /// Hands over the names of mailboxes or aliases alone, for which no more than their names is read: what else is wrong with one is not seen.
    template <typename Entity>
    void for_each_name(const list_options& options, const std::function<void(name_of<Entity>&&)>& visit, const std::function<void(unreadable_entry&&)>& unreadable);

    /// Makes a mailbox or alias and returns it as it is stored. Throws not_found (no such domain), already_exists (naming the entry that has the address),
    /// limit_exceeded (the domain is full), invalid_value. A mailbox without a path gets one that nobody has or had.
    template <typename Entity> stored<Entity> add(const Entity& e);
    /// Stores what differs from what was read, and returns whether anything did; the object is then as it is stored, so that it can be changed again.
    template <typename Entity> bool update(stored<Entity>& e);
    /// Takes the entry away for good. The mail on disk is not touched.
    template <typename Entity> void remove(const stored<Entity>& e);

    std::optional<stored<domain>> find_domain(const domain_name& n) { return find<domain>(n); }
    std::optional<stored<mailbox>> find_mailbox(const address& a) { return find<mailbox>(a); }
    std::optional<stored<alias>> find_alias(const alias_address& a) { return find<alias>(a); }
    stored<domain> get_domain(const domain_name& n) { return get<domain>(n); }
    stored<mailbox> get_mailbox(const address& a) { return get<mailbox>(a); }
    stored<alias> get_alias(const alias_address& a) { return get<alias>(a); }
    listing<domain> list_domains(const list_options& o = {}) { return list<domain>(o); }
    listing<mailbox> list_mailboxes(const list_options& o = {}) { return list<mailbox>(o); }
    listing<alias> list_aliases(const list_options& o = {}) { return list<alias>(o); }
    stored<mailbox> add_mailbox(const mailbox& m) { return add(m); }
    stored<alias> add_alias(const alias& a) { return add(a); }

    /// Turns off, and records why and by whom where the server has our schema (a notice says so where it has not). Whether anything had to change.
    template <typename Entity> bool disable(stored<Entity>& e, std::string_view reason, const std::string& comment = {});
    /// Turns on and forgets why it was off.
    template <typename Entity> bool enable(stored<Entity>& e);
    /// Marks a mailbox or domain as removed (delete: TRUE): no daemon accepts it any more, a purge may take it away later.
    template <typename Entity> bool mark_removed(stored<Entity>& e);
    template <typename Entity> bool restore(stored<Entity>& e);
    /// Sets the end of a mailbox or alias, or takes it away. One that the expiry run had disabled works again when its end lies ahead.
    template <typename Entity> bool set_expiry(stored<Entity>& e, const std::optional<expiry>& end, timestamp now);
    /// Stores a hash of ours, or with no scheme lets the server hash the password (RFC 3062).
    void set_password(stored<mailbox>& m, const secret& password, const std::optional<password_scheme>& scheme);

    /// The other entries that send mail to this very address, not to an extension of it ("bob+lists@"): aliases, forwards, vacation forwards.
    std::vector<ldap::entry> references_to(const address& a);

    /// Whether the server has loaded vmail.schema.
    bool records_reasons();
    /// Whether the server has loaded slapo-ppolicy, which locks accounts and has passwords changed.
    bool has_password_policy();
    /// Throws error(configuration), naming what cannot be done, where it has not.
    void require_password_policy(const std::string& what);

    /// From now on this operational attribute is read of each entry, too.
    void read_also(std::string_view attribute);
    /// Whether it has what says whom to ask about a mailing list.
    bool records_list_owners();

private:
    struct state;
    std::unique_ptr<state> state_;
};

/// A list is several entries: it is found by its addresses, in one search; all of them are found by looking at every alias. Lists in the making, or half removed,
/// are among them as long as two service addresses are there. A filter is for the entry of the public address.
template <> VMAIL_EXPORT std::optional<stored<mailing_list>> directory::find<mailing_list>(const address& name);
template <>
VMAIL_EXPORT void directory::for_each<mailing_list>(const list_options& options, const std::function<void(stored<mailing_list>&&)>& visit,
                                                    const std::function<void(unreadable_entry&&)>& unreadable);

/// Virtual admins below ou=admin, and the postmasters of the domains.
template <>
VMAIL_EXPORT void directory::for_each<admin>(const list_options& options, const std::function<void(stored<admin>&&)>& visit,
                                             const std::function<void(unreadable_entry&&)>& unreadable);

} // namespace vmail
