#include <algorithm>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <type_traits>
#include <unordered_set>
#include <utility>
#include <vector>

#include <vmail/ascii.hpp>
#include <vmail/entity_traits.hpp>
#include <vmail/error.hpp>
#include <vmail/exchange/field.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/schema.hpp>

#include <vmail/jobs/record_export.hpp>

namespace vmail {

namespace {

using exchange::conversion;
using exchange::noun;
using exchange::record;
using exchange::value;

bool is_nothing(const value& v) {
    const auto* const texts = std::get_if<std::vector<std::string>>(&v);
    return std::holds_alternative<exchange::null>(v) || (texts != nullptr && texts->empty());
}

/// No text of any of the formats has a NUL that every reader takes.
bool has_nul(const std::string& text) { return text.find('\0') != std::string::npos; }
bool has_nul(const value& v) {
    if (const auto* const text = std::get_if<std::string>(&v)) return has_nul(*text);
    const auto* const texts = std::get_if<std::vector<std::string>>(&v);
    return texts != nullptr && std::any_of(texts->begin(), texts->end(), [](const std::string& t) { return has_nul(t); });
}

/// Something is there, and no value of the field stands for it.
bool is_beyond_words(const mailbox& m, const exchange::field_info& f, const value& v) { return is_nothing(v) && m.facets.contains(std::string(f.attributes[0])); }
bool is_beyond_words(const entry_state&, const exchange::field_info&, const value&) { return false; }

bool is_password(const exchange::field_info& f) { return f.form == exchange::form::hash; }

class exporter {
public:
    exporter(directory& d, const record_export_options& options, const std::function<void(record&&)>& visit, const std::function<void(unreadable_entry&&)>& unreadable)
        : directory_(d), options_(options), how_{d.site().zone, timestamp::now()}, visit_(visit), unreadable_(unreadable) {}

    void run() {
        if (wants(noun::domain)) tell_domains(domains<domain>());
        if (wants(noun::backup_domain))
            for (const auto& d : domains<backup_domain>()) tell(d);
        if (wants(noun::backup_mail)) all<backup_mail>();
        if (wants(noun::mailbox)) all<mailbox>();
        if (wants(noun::alias)) aliases();
        if (wants(noun::mailing_list)) all<mailing_list>();
        if (wants(noun::admin)) admins();
    }

private:
    bool wants(noun n) const { return options_.kinds.empty() || std::find(options_.kinds.begin(), options_.kinds.end(), n) != options_.kinds.end(); }

    template <typename Entity> void each(const std::function<void(stored<Entity>&&)>& visit) {
        directory_.for_each<Entity>({.domain = options_.domain}, visit, [this](unreadable_entry&& bad) {
            if (unread_.insert(bad.dn.key()).second) unreadable_(std::move(bad)); // an alias is looked at for several kinds
        });
    }

    /// Of one that is asked for no other is read.
    template <typename Entity> std::vector<stored<Entity>> domains() {
        std::vector<stored<Entity>> all;
        if (!options_.domain) each<Entity>([&](stored<Entity>&& e) { all.push_back(std::move(e)); });
        else if (auto e = directory_.find<Entity>(*options_.domain); e && !e->value.removed) all.push_back(std::move(*e));
        return all;
    }
    template <typename Entity> void all() {
        if (in_other_kind<Entity>()) return;
        each<Entity>([&](stored<Entity>&& e) { tell(e); });
    }

    /// One name is a domain or a backup domain, and what is in it is of one kind.
    template <typename Entity> bool in_other_kind() {
        if (!options_.domain) return false;
        const bool is_backup = directory_.find<backup_domain>(*options_.domain).has_value();
        return is_backup != std::is_same_v<Entity, backup_mail>;
    }

    /// Which are for who runs the server.
    void admins() {
        if (in_other_kind<admin>()) return;
        try {
            each<admin>([&](stored<admin>&& a) { tell(a); });
        } catch (const denied&) {
            if (!options_.kinds.empty() || !options_.unseen) throw;
            options_.unseen(noun::admin);
        }
    }

    void aliases() {
        if (in_other_kind<alias>()) return;
        each<mailing_list>([&](stored<mailing_list>&& l) {
            for (const stored<alias>& a : l->entries)
                if (follows_from(l.value, a.value)) of_lists_.insert(a->address.key());
        });
        each<alias>([&](stored<alias>&& a) {
            if (!of_lists_.contains(a->address.key())) tell(a);
        });
    }

    static bool follows_from(const mailing_list& l, const alias& a) {
        const bool is_public = a.address == alias_address(l.address);
        if (is_public && l.has_public_address) return true; // one address has one record, and this one has its owners
        return l.lists_domain && l.has_public_address && mailing_list::lists_domain_of(a) == l.lists_domain && a.active == l.active && !a.expires && (is_public || a.description.empty());
    }

    /// An administrator is the alias of that address as well.
    template <typename Entity> void note_address(const stored<Entity>& e) {
        if constexpr (!std::is_same_v<Entity, admin>) {
            if (!options_.twice) return;
            const std::string name = text_of(e.value);
            if (!addresses_.insert(ascii::ihash(name)).second) options_.twice(name, e.source.dn());
        }
    }

    template <typename Entity> void tell(const stored<Entity>& told) {
        note_address(told);
        const Entity& e = told.value;
        record r{exchange::noun_of<Entity>, text_of(e)};
        const auto fields = exchange::fields_of<Entity>();
        for (const auto& f : fields.subspan(1)) {
            if (is_password(f) && !options_.passwords) continue;
            value v = f.get(e, how_);
            if (exchange::is_nonsense(e, f) || has_nul(v) || is_beyond_words(e, f, v) || is_part_of_unsaid_name(r, f)) leave_out(r, f);
            else if (!is_nothing(v)) r.values.push_back({&f, std::move(v), {}});
        }
        if constexpr (std::is_same_v<Entity, domain>)
            if (lacks_role_address(e.name)) r.values.push_back({&named(fields, exchange::role_addresses_field), value{false}, {}});
        visit_(std::move(r));
    }

    template <typename Fields> static const exchange::field_info& named(const Fields& fields, std::string_view name) {
        return *std::find_if(fields.begin(), fields.end(), [name](const exchange::field_info& f) { return f.name == name; });
    }

    /// Made anew it would have all.
    bool lacks_role_address(const domain_name& name) const {
        const auto roles = directory_.site().role_addresses.in(name);
        return std::any_of(roles.begin(), roles.end(), [this](const address& role) { return !roles_.contains(ascii::ihash(role.text())); });
    }

    /// Those that are there of these domains, in one search.
    void find_roles(std::span<const stored<domain>> domains) {
        std::vector<ldap::filter> any;
        for (const stored<domain>& d : domains)
            for (const address& role : directory_.site().role_addresses.in(d->name)) any.push_back(ldap::filter::equal(schema::attr::mail, role.text()));
        if (any.empty()) return;
        for (const ldap::entry& e : directory_.session().search({directory_.site().layout.container(), ldap::scope::subtree, ldap::filter::any_of(any), {std::string(schema::attr::mail)}}))
            if (const auto* const addresses = e.find(schema::attr::mail))
                for (const std::string& a : *addresses) roles_.insert(ascii::ihash(a));
    }

    /// Not from within their list, where each search would take a connection of its own.
    void tell_domains(std::span<const stored<domain>> all) {
        constexpr std::size_t most_at_once = 100;
        for (; !all.empty(); all = all.subspan(std::min(all.size(), most_at_once))) {
            const auto some = all.first(std::min(all.size(), most_at_once));
            find_roles(some);
            for (const stored<domain>& d : some) tell(d);
        }
    }

    /// A reader of CSV would make a name of both of them.
    static bool is_part_of_unsaid_name(const record& r, const exchange::field_info& f) { return f.attributes[0] == schema::attr::given_name && r.find("name") == nullptr; }

    void leave_out(const record& r, const exchange::field_info& f) const {
        if (options_.left_out) options_.left_out(r, f);
    }

    directory& directory_;
    const record_export_options& options_;
    conversion how_;
    const std::function<void(record&&)>& visit_;
    const std::function<void(unreadable_entry&&)>& unreadable_;
    std::unordered_set<std::string> of_lists_;
    std::unordered_set<std::size_t> addresses_; ///< hashes: of a million only these are kept
    std::unordered_set<std::size_t> roles_;     ///< hashes of the role addresses that are there
    std::unordered_set<std::string> unread_; ///< keys of names
};

} // namespace

void export_records(directory& d, const record_export_options& options, const std::function<void(record&&)>& visit, const std::function<void(unreadable_entry&&)>& unreadable) {
    exporter(d, options, visit, unreadable).run();
}

} // namespace vmail
