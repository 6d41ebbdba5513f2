#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <vmail/directory.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/schema.hpp>

namespace vmail {

/// What the files directory_*.cpp share. Internal.
struct directory::state {
    state(ldap::session& s, directory_options o) : session(s), options(std::move(o)) {}

    ldap::session& session;
    directory_options options;

    const vmail::site& site() const noexcept { return options.site; }
    const vmail::layout& layout() const noexcept { return options.site.layout; }

    void notice(const std::string& sentence) const;

    /// Sends one write, or only shows it. `doing` as in ldap::result::success(). Returns its answer (empty in a dry run).
    ldap::write_result perform(const ldap::write_request& request, std::string_view doing);

    /// The entry at the name, or else the one below the domain that has the class and the address: a tree that others made may name it differently.
    /// Nothing also when the entry is there but of another class.
    std::optional<ldap::entry> find_entry(const ldap::dn& name, std::string_view object_class, const std::string& mail, const domain_name& domain);

    template <typename Entity>
    std::optional<stored<Entity>> as_stored(std::optional<ldap::entry> e) const {
        if (!e) return std::nullopt;
        Entity value = Entity::from_entry(*e, site());
        return stored<Entity>{std::move(value), std::move(*e)};
    }

    template <typename Entity>
    void for_each(std::string_view object_class, const list_options& what, const std::function<void(stored<Entity>&&)>& visit,
                  const std::function<void(unreadable_entry&&)>& unreadable);

    template <typename Entity>
    listing<Entity> list(std::string_view object_class, const list_options& what);

    /// Sends what changed as one modify with a new lastChange, guarded by the version that was read.
    bool update_entry(const ldap::entry& before, const ldap::entry& after);

    template <typename Entity>
    bool update(const stored<Entity>& e) {
        ldap::entry after = e.source;
        e.value.to_entry(after, site());
        return update_entry(e.source, after);
    }

    /// Adds an entity's new entry.
    template <typename Entity>
    void add(const Entity& e) {
        ldap::entry fresh;
        e.to_entry(fresh, site());
        perform(ldap::add_request{std::move(fresh)}, "add");
    }

    /// Gives an entry the name that the entity has now, and then the attributes that go with it.
    template <typename Entity>
    void move(const stored<Entity>& from, const Entity& to);
    /// Leads all that is sent to one address to another one. Returns how many entries that changed.
    std::size_t lead_over(const maildrop& from, const maildrop& to);

    /// In a dry run of several writes to one entry: what it would be by now. Else the entry itself.
    ldap::entry as_planned(const ldap::entry& e) const;
    template <typename Entity>
    stored<Entity> as_planned(const stored<Entity>& e) const {
        return *as_stored<Entity>(as_planned(e.source));
    }
    /// Remembers that, by the name that the entry has on the server. Nothing but in a dry run.
    void plan(const ldap::dn& on_server, const ldap::entry& by_then);

    /// Throws already_exists when any entry has the address, whatever it is.
    void require_free(const alias_address& a);
    /// The domain, which must be there and not be marked as removed.
    stored<domain> require_domain(const domain_name& name);
    void require_room_for_mailbox(const domain& d, const std::optional<quota>& wanted);
    void require_room_for_alias(const domain& d, const alias_address& a);
    /// Checks the domain's total when a mailbox in it gets another quota.
    void require_quota(const domain& d, const std::optional<quota>& wanted, const std::optional<address>& instead_of);

private:
    std::unordered_map<std::string, ldap::entry> planned_;
};

namespace directory_attributes {
/// All that we may have to keep, and what guards a write.
inline const std::vector<std::string> whole = {"*", std::string(schema::attr::entry_uuid), std::string(schema::attr::entry_csn)};
/// Names only (RFC 4511 section 4.5.1.8).
inline const std::vector<std::string> none = {"1.1"};
} // namespace directory_attributes

} // namespace vmail
