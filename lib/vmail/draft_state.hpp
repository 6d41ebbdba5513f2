#pragma once

#include <functional>
#include <set>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <vmail/ascii.hpp>
#include <vmail/domain_rooms.hpp>
#include <vmail/domain_usage.hpp>
#include <vmail/draft.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/ldap/packed_entry.hpp>
#include <vmail/mail_folder.hpp>
#include <vmail/own_entry.hpp>
#include <vmail/references.hpp>
#include <vmail/routing.hpp>
#include <vmail/schema.hpp>
#include <vmail/service.hpp>
#include <vmail/standing.hpp>
#include <vmail/unix_numbers.hpp>

namespace vmail {

/// What the files draft*.cpp share. Internal.
struct draft::state {
    state(vmail::directory& d, draft_options o) : directory(d), options(std::move(o)) {}

    class item;

    vmail::directory& directory;
    draft_options options;
    plan made;
    std::size_t items = 0;
    domain_rooms rooms{directory, options.token, made.claims};
    unix_numbers numbers{directory.session(), directory.site(), made.premise};
    extension_references extended{directory.session(), directory.site()};
    owned_lists owned{directory.session(), directory.site()};
    std::optional<std::vector<ldap::entry>> virtual_admins{};

    const vmail::site& site() const noexcept { return directory.site(); }
    const vmail::layout& layout() const noexcept { return directory.site().layout; }
    ldap::session& session() const noexcept { return directory.session(); }

    // ---- what the directory will hold (draft.cpp)

    template <typename Entity> std::optional<stored<Entity>> as_stored(ldap::entry e) const {
        Entity value = Entity::from_entry(e, site());
        return stored<Entity>{std::move(value), std::move(e)};
    }
    template <typename Entity> std::optional<stored<Entity>> find(const name_of<Entity>& name);
    template <typename Entity> stored<Entity> get(const name_of<Entity>& name);
    /// By its lower-case address or domain name. Nothing: it will be gone.
    void will_be(std::string_view name, const std::optional<ldap::entry>& e) {
        planned_.insert_or_assign(ascii::to_lower(name), e ? std::optional(ldap::packed_entry(*e)) : std::nullopt);
        if (name.find('@') == std::string_view::npos) states_.clear();
    }
    /// The entries that have or will have one of the addresses of a list, whatever they are, by address in lower case.
    std::map<std::string, ldap::entry> entries_of_list(const address& public_address);
    bool is_planned(std::string_view name) const { return planned_.contains(ascii::to_lower(name)); }
    /// The entry as planned, if something is planned for it.
    ldap::entry as_planned(ldap::entry e) const;
    /// Whether it is still there then.
    bool stays(const ldap::entry& e) const;

    // ---- what is asked for together (draft_expected.cpp)

    template <typename Entity> void expect(std::vector<name_of<Entity>> names, expected what);
    /// What add() reads.
    template <typename Name> void expect_additions(const std::vector<Name>& names);
    /// For those that the plan has not read yet.
    std::vector<ldap::search_request> requests_for(const std::vector<domain_name>& names);
    void add_own_requests(std::vector<ldap::search_request>& all, const address& a);
    void add_own_requests(std::vector<ldap::search_request>&, const alias_address&) {}

    // ---- rules (draft_rules.cpp)

    /// Who has an address, whatever it is.
    ldap::search_request request_for_holder(const alias_address& a) const;
    /// Throws already_exists when any entry has or will have the address, whatever it is.
    void require_free(const alias_address& a);
    /// The same of a domain or backup domain, which share their names.
    void require_free(const domain_name& name);
    /// The domain, which must be there and not be marked as removed, nor be on its way to another name, unless that must wait for what is begun there.
    domain_rooms::room& require_domain(const domain_name& name, bool is_begun = false);
    /// Has the plan give back what an earlier run of the same command had set aside in the domain and was cut before giving back.
    void return_places(const domain_name& name);
    /// The folder of a new mailbox: the usual one, or one beside it when that is or was somebody's, which a notice tells then.
    std::string usual_path(const mailbox& m);
    std::string choose_path(const mailbox& m);
    /// Throws unless a person may choose this folder: nobody's, neither around nor inside somebody's, and not in the part of another domain.
    void require_path_free(const mailbox& m, std::string_view own_uuid = {});
    /// Throws invalid_value for an attribute to be stored as it is given that the server does not know.
    void require_known(const attribute_values& other);
    /// Throws error(configuration) where the server's schema has no such attribute of vmail.schema to keep that in.
    void require_own_attribute(std::string_view name, std::string_view what_it_keeps);
    /// What a person may log in with beside the address, unique in the tree.
    std::string choose_login(const address& a);

    /// As a notice of the plan where the domain is not in service. What is made or enabled there works, as far as daemons look at the entry alone: enabling the
    /// domain says nothing of it, and disabling it again stops it.
    void note_stopped_domain(const mailbox& m);
    void note_stopped_domain(const alias& a);
    /// Whether it is there, and in service.
    bool is_in_service(const domain_name& name);

    /// What sends mail to the old address of what is renamed sends it to the new one; `is_own` are the entries that are renamed themselves.
    void lead_over(item& one, const address& from, const address& to, std::size_t stage, const is_own_entry& is_own);
    /// The old address of what is renamed, as an alias to the new one; it takes its place of the domain.
    void keep_as_alias(item& one, const address& from, const address& to, std::size_t stage, bool is_begun);

    // ---- renames that are half done (draft_under_way.cpp)

    /// Throws conflict while the entry of a domain bears another name than its own and these: it is being renamed.
    void require_settled(const ldap::entry& domain, const std::vector<domain_name>& own_names = {}) const;
    /// The same of the domain that the entry lies in.
    void require_settled_around(const ldap::entry& e);
    /// Throws conflict while a domain that is called otherwise bears the name as well, unless it is this one.
    void require_unborne(const domain_name& name, const ldap::dn& but = {}) const;
    /// Throws conflict for an entry with a second address of this site that is none of its own: it is being renamed.
    void require_one_address(const ldap::entry& e, const std::function<bool(const alias_address&)>& is_own);
    /// Whether the name is that of a domain here, or one that is on its way to another name.
    bool is_here(const domain_name& name);
    /// The address that a rename of the domain which was cut has given to what has this one.
    std::optional<alias_address> given_ahead(const alias_address& a);

    // ---- administrators (draft_admins.cpp)

    /// Throws unless an administrator may become this: of domains that are there, no more than he may have, and not a postmaster who gets no mail.
    void require_fit(const admin& a, const admin& before);
    /// The virtual admins as they will be; none, for who may not see them. Read when they are first asked for.
    std::vector<ldap::entry>& administrators();
    /// Another entry of one of them, as a part of the thing.
    void change_administrator(item& one, ldap::entry& e, ldap::entry after, std::size_t stage);
    /// Where they are written to goes along with its address.
    void lead_over_administrators(item& one, const readdressing& address, std::size_t stage);
    /// As notices of the plan, the virtual admins who keep the name of a domain that goes: whoever makes it anew would have them as well.
    void note_administrators(const domain_name& gone);
    /// As notices of the plan, those who are written to at an address that goes.
    void note_administrators(const address& gone);

    // ---- where mail goes (draft_routes.cpp)

    /// Throws invalid_value when mail to the address would run in a circle.
    void require_no_circle(const alias_address& from, const std::vector<maildrop>& targets);
    /// The circle that is left, if there is one, as a notice of the plan.
    void note_circle(const alias_address& from, const std::vector<maildrop>& targets);
    /// Why mail to a target would not arrive, as routing::fault_of().
    std::optional<std::string> fault_of(const maildrop& target);
    /// The first, and as notices of the plan those of the targets that are new to which mail would not arrive.
    void check_route(const alias_address& from, const std::vector<maildrop>& targets, const std::vector<maildrop>& fresh);

    // ---- changes

    /// A new entry as one thing: nothing is lost by it. The claim is that of its places.
    void plan_addition(const std::string& subject, ldap::entry fresh, std::optional<std::size_t> claim = {}, std::vector<sole_value> alone = {});
    /// Of some domains, and not of the site: asked once.
    bool is_administrator();
    /// An administrator deletes only what is marked as removed (schema/acl.conf).
    bool must_mark() { return is_administrator(); }
    /// As it is before it is deleted, where it must be marked.
    void mark_removed(ldap::entry& e);
    /// What takes the entry away: it is one change, so that what is marked and not deleted is finished by the same command.
    std::vector<ldap::write_request> requests_to_remove(const ldap::entry& gone);

    /// The guard of an entry that is as it was read, and kept for the record; of one for which something is planned its version alone.
    ldap::precondition guard_of(const ldap::entry& e) const;
    ldap::modify_request change_of(const ldap::entry& before, const ldap::entry& after) const;
    /// Where the server has not loaded the schema of automatic answers, a mailbox without one goes without its class, and one that has one throws.
    void settle_vacation(const mailbox& m, ldap::entry& after) const;
    /// Who reads no dates learns with them that an answer waits for its first day, or does no longer: not where they stay as they were.
    void settle_waiting(const vacation& v, const ldap::entry& before, ldap::entry& after) const;
    /// Nothing when they are alike.
    std::optional<ldap::write_request> request_for(const ldap::entry& before, const ldap::entry& after) const;
    template <typename Entity> ldap::entry goal_of(const stored<Entity>& e) const {
        ldap::entry after = e.source;
        e.value.to_entry(after, site());
        if constexpr (std::is_same_v<Entity, mailbox>) {
            if (!e.source.has_class(schema::cls::vacation)) settle_vacation(e.value, after);
            settle_waiting(e.value.vacation, e.source, after);
        }
        return after;
    }

    /// One thing asked for: its changes come into the plan together.
    class item {
    public:
        explicit item(state& s) : state_(s) {}
        planned_change& add(std::string subject, std::string action) {
            return changes_.emplace_back(planned_change{.subject = std::move(subject), .action = std::move(action)});
        }
        planned_change& add_part(std::string subject, std::string action, std::size_t stage) {
            planned_change& c = add(std::move(subject), std::move(action));
            c.stage = stage;
            c.part = true;
            c.drastic = false;
            return c;
        }
        bool empty() const noexcept { return changes_.empty(); }
        std::size_t size() const noexcept { return changes_.size(); }
        void commit();

    private:
        void put_idle_last();

        state& state_;
        std::vector<planned_change> changes_;
    };

private:
    std::optional<std::string> owner_of_path(const std::string& path, std::string_view own_uuid);
    void require_own_domain(const mailbox& m);
    bool is_nested_in_run(const std::string& path) const;
    std::optional<std::string> neighbour_of_path(const mailbox& m, std::string_view own_uuid);
    mail_folder::contents contents_of(const domain_name& name);
    bool login_is_free(const std::string& login);
    routing::stop stop_of(const address& a);
    routing::lookup seen_from(const alias_address& from);
    std::optional<ldap::entry> entry_of(const alias_address& a);
    std::optional<stored<domain>> find_seen(const domain_name& name);
    const std::optional<service_state>& state_of(const domain_name& name);

    std::unordered_map<std::string, std::optional<ldap::packed_entry>> planned_;
    std::map<std::string, std::optional<service_state>> states_; ///< of domains; nothing: it is not here
    std::set<std::string> paths_;            ///< of what is planned
    std::unordered_set<std::string> logins_; ///< of what is planned
    std::optional<bool> is_administrator_;                  ///< what we are, once that was asked
    std::map<std::string, mail_folder::contents> contents_; ///< of the domains in which a person has chosen a folder
};

/// The guard of an entry as it was read; of one that the plan itself adds nothing is known yet, and the runner fills it in.
ldap::precondition guard_of(const ldap::entry& e);

template <> std::optional<stored<mailing_list>> draft::state::find<mailing_list>(const address& name);

} // namespace vmail
