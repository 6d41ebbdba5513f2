#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <vmail/alias.hpp>
#include <vmail/domain.hpp>
#include <vmail/export.hpp>
#include <vmail/layout.hpp>
#include <vmail/ldap/request.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/mailbox.hpp>
#include <vmail/state.hpp>

namespace vmail {

struct directory_options {
    vmail::site site;
    /// Nothing is sent: each request that would be goes to on_write alone.
    bool dry_run = false;
    /// Sees each write before it is sent.
    std::function<void(const ldap::write_request&)> on_write{};
    /// What the caller should know but is no error; one sentence, safe to print.
    std::function<void(const std::string&)> on_notice{};
};

/// What to list.
struct list_options {
    std::optional<domain_name> domain{};  ///< nothing: of all domains
    std::optional<ldap::filter> filter{}; ///< and-ed with what is looked for
    bool removed = false;                 ///< also those that are marked as removed
};

/// Operations on typed entities, with the rules that keep a tree sound: an address exists once, mail never goes in a circle of one, a domain's
/// limits hold, readers find TRUE and FALSE where their filters look for them, what we do not model survives.
///
/// find_ returns nothing for what is not there, get_ throws not_found. Updates are sent as one modify that the server carries out only if the entry
/// is as it was read; otherwise they throw conflict. Everything may throw what ldap::session throws.
class VMAIL_EXPORT directory {
public:
    /// The session must outlive the directory.
    directory(ldap::session& s, directory_options options);
    directory(directory&&) noexcept;
    directory& operator=(directory&&) noexcept;
    ~directory();

    const vmail::site& site() const noexcept;
    ldap::session& session() const noexcept;

    std::optional<stored<domain>> find_domain(const domain_name& name);
    stored<domain> get_domain(const domain_name& name);
    listing<domain> list_domains(const list_options& options = {});
    /// Makes the domain with postmaster@ and abuse@, which send to `postmaster` (nothing: to the server's own postmaster).
    /// Throws already_exists.
    void add_domain(const domain& d, const std::optional<maildrop>& postmaster = {});
    /// Whether anything had to change.
    bool update(const stored<domain>& d);
    /// Takes the entry away for good, with postmaster@ and abuse@. Throws error(invalid_value) while there is anything else in the domain.
    void remove(const stored<domain>& d);
    /// Moves all mailboxes and aliases to a domain of another name, one by one, and returns how many; forwards and aliases everywhere follow, mail stays where it
    /// is on disk. Each address is in one of the two domains at any time. Cut short, it goes on with `resume`, which takes a domain of
    /// the new name that is there already. Throws already_exists without it.
    std::size_t rename(const stored<domain>& d, const domain_name& to, bool resume = false);

    std::optional<stored<mailbox>> find_mailbox(const address& a);
    stored<mailbox> get_mailbox(const address& a);
    listing<mailbox> list_mailboxes(const list_options& options = {});
    /// Hands them over one by one as they come, without holding them all; what cannot be read goes to the second function.
    void for_each_mailbox(const list_options& options, const std::function<void(stored<mailbox>&&)>& visit,
                          const std::function<void(unreadable_entry&&)>& unreadable);
    /// Throws not_found (no such domain), already_exists (naming the entry that has the address), limit_exceeded (the domain is full).
    void add_mailbox(const mailbox& m);
    bool update(const stored<mailbox>& m);
    /// Takes the entry away for good. The mail on disk is not touched.
    void remove(const stored<mailbox>& m);
    /// Gives the mailbox another address in a domain that exists. Its mail stays where it is on disk; aliases and forwards to the old address are led to the new one
    /// (they are changed after it). Returns how many were.
    std::size_t rename(const stored<mailbox>& m, const address& to);
    /// Stores a hash of ours, or with `server_side` lets the server hash the password (RFC 3062).
    void set_password(const stored<mailbox>& m, const secret& password, std::optional<password_scheme> scheme, bool server_side);

    std::optional<stored<alias>> find_alias(const alias_address& a);
    stored<alias> get_alias(const alias_address& a);
    listing<alias> list_aliases(const list_options& options = {});
    void for_each_alias(const list_options& options, const std::function<void(stored<alias>&&)>& visit,
                        const std::function<void(unreadable_entry&&)>& unreadable);
    /// Throws as add_mailbox(); invalid_value for an alias to itself or without a target.
    void add_alias(const alias& a);
    bool update(const stored<alias>& a);
    void remove(const stored<alias>& a);
    /// The aliases and the mailboxes' forwards that send mail to this address.
    std::vector<ldap::dn> references_to(const address& a);

    /// Turns off, and records why and by whom where the server has our schema (a notice says so where it has not). Whether anything had to change.
    template <typename Entity>
    bool disable(stored<Entity> e, std::string_view reason, const std::string& comment = {});
    /// Turns on and forgets why it was off.
    template <typename Entity>
    bool enable(stored<Entity> e);
    /// Marks a mailbox or domain as removed (delete: TRUE): no daemon accepts it any more, a purge may take it away later.
    template <typename Entity>
    bool mark_removed(stored<Entity> e);
    template <typename Entity>
    bool restore(stored<Entity> e);

    /// Sets the end of a mailbox, or takes it away. A mailbox that the expiry run had disabled works again when its end lies ahead.
    bool set_expiry(stored<mailbox> m, std::optional<expiry> end, timestamp now);

    /// Whether the server has loaded vmail.schema.
    bool records_reasons();

private:
    struct state;
    std::unique_ptr<state> state_;
};

extern template VMAIL_EXPORT bool directory::disable(stored<domain>, std::string_view, const std::string&);
extern template VMAIL_EXPORT bool directory::disable(stored<mailbox>, std::string_view, const std::string&);
extern template VMAIL_EXPORT bool directory::disable(stored<alias>, std::string_view, const std::string&);
extern template VMAIL_EXPORT bool directory::enable(stored<domain>);
extern template VMAIL_EXPORT bool directory::enable(stored<mailbox>);
extern template VMAIL_EXPORT bool directory::enable(stored<alias>);
extern template VMAIL_EXPORT bool directory::mark_removed(stored<domain>);
extern template VMAIL_EXPORT bool directory::mark_removed(stored<mailbox>);
extern template VMAIL_EXPORT bool directory::restore(stored<domain>);
extern template VMAIL_EXPORT bool directory::restore(stored<mailbox>);

} // namespace vmail
