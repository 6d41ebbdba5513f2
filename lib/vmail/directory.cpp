#include <algorithm>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/absent.hpp>
#include <vmail/claim_keeper.hpp>
#include <vmail/directory.hpp>
#include <vmail/draft.hpp>
#include <vmail/naming.hpp>
#include <vmail/references.hpp>
#include <vmail/rivals.hpp>
#include <vmail/schema.hpp>
#include <vmail/service_change.hpp>
#include <vmail/standing.hpp>

namespace vmail {

namespace attr = schema::attr;
namespace cls = schema::cls;
using ldap::filter;

namespace {

/// Found by it wherever the entry is.
template <typename Entity> constexpr bool has_address = !std::is_same_v<name_of<Entity>, domain_name> && !std::is_same_v<Entity, admin>;

} // namespace

namespace {

std::optional<domain_name> domain_of(const domain_name& n) { return n; }
std::optional<domain_name> domain_of(const alias_address& a) { return a.domain(); }
std::optional<domain_name> domain_of(const admin_name& a) { return a.postmaster_of(); }

std::string what_is_seen(const standing& who, const std::optional<domain_name>& where) {
    if (who.kind == standing::kind::owner) return "the owner of a mailbox sees that alone";
    return fmt::format("it runs {}, and {} for others", list_of(who.domains), where ? where->text() + " is" : "virtual admins are");
}

} // namespace

struct directory::state {
    ldap::session& session;
    directory_options options;
    std::vector<std::string> attributes = ldap::whole_entry(); ///< what is read of each
    std::optional<bool> has_policy{};

    const vmail::site& site() const noexcept { return options.site; }

    void notice(const std::string& sentence) const {
        if (options.on_notice) options.on_notice(sentence);
    }

    /// Wherever it is. Below its own domain first: nothing else is there in a tree that is as it should be.
    std::optional<ldap::entry> find_by_mail(std::string_view object_class, const std::string& mail) {
        auto found = session.search(request_by_mail(object_class, mail));
        if (found.empty()) return std::nullopt;
        if (found.size() > 1)
            throw conflict(
                fmt::format("{} entries have the address {}, {} and {} among them", found.size(), mail, found[0].dn().text(), found[1].dn().text()),
                {.dn = found[0].dn().text(), .hint = "one address is one entry: remove all but one"});
        return std::move(found).take().front();
    }

    ldap::search_request request_by_mail(std::string_view object_class, const std::string& mail) const {
        return {site().layout.container(), ldap::scope::subtree, filter::all_of({filter::equal(attr::object_class, object_class), filter::equal(attr::mail, mail)}), attributes};
    }

    template <typename Entity> ldap::search_request request_at_place(const name_of<Entity>& name) const {
        return ldap::session::request_for(entity_traits<Entity>::place(site().layout, name), attributes);
    }

    template <typename Entity> std::vector<name_of<Entity>> look_ahead(const std::vector<name_of<Entity>>& names) {
        using traits = entity_traits<Entity>;
        std::vector<ldap::search_request> at_place, elsewhere;
        for (const auto& n : names) at_place.push_back(request_at_place<Entity>(n));
        const auto there = session.look_ahead(at_place);
        std::vector<name_of<Entity>> absent;
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (there[i]) continue;
            absent.push_back(names[i]);
            if constexpr (has_address<Entity>) elsewhere.push_back(request_by_mail(traits::object_class, names[i].text()));
        }
        session.look_ahead(elsewhere);
        return absent;
    }

    void require_domain(const domain_name& name);
    template <typename Entity> ldap::search_request search_for(const list_options& what, std::vector<std::string> wanted);

    template <typename Entity> std::optional<ldap::entry> find_entry(const name_of<Entity>& name) {
        auto e = find_in_tree<Entity>(name);
        if (!e) require_own(domain_of(name), name.text());
        return e;
    }

    /// An administrator sees his own domains, and the owner of a mailbox that alone: of anything else they cannot know whether it is there. Virtual admins,
    /// who are in no domain, are for neither.
    void require_own(const std::optional<domain_name>& where, const std::string& what) {
        const standing who = standing_of(session, site());
        const bool runs_it = who.kind == standing::kind::administrator && where && who.runs(*where);
        if (who.kind == standing::kind::service || runs_it) return;
        throw denied(fmt::format("{} may not see {}: {}", printable(who.name), printable(what), what_is_seen(who, where)),
                     {.dn = where ? site().layout.domain(*where).text() : site().layout.admins().text()});
    }

    template <typename Entity> std::optional<ldap::entry> find_in_tree(const name_of<Entity>& name) {
        using traits = entity_traits<Entity>;
        auto e = session.find(traits::place(site().layout, name), attributes);
        if (e && is_a<Entity>(*e)) return e;
        if constexpr (!has_address<Entity>) {
            if (!e) session.require_absent(traits::place(site().layout, name));
            return std::nullopt;
        } else return find_by_mail(traits::object_class, name.text());
    }

    /// What the draft wants, sent here and now.
    ldap::write_result carry_out(directory& d, const plan& p) {
        claim_keeper claims(d, [this](const ldap::write_request& r) { return session.write(r); });
        for (const place_claim& c : p.claims) claims.take(c);
        ldap::write_result last{ldap::outcome::done, {}, false};
        try {
            for (const planned_change& c : p.changes) last = send(d, c, claims);
        } catch (const error&) {
            claims.release_all();
            throw;
        }
        claims.release_all();
        return last;
    }

    ldap::write_result send(directory& d, const planned_change& c, const claim_keeper& claims) {
        if (const auto refused = c.claim ? claims.refusal(*c.claim) : std::nullopt) refused->raise();
        ldap::write_result last{ldap::outcome::done, {}, false};
        for (const ldap::write_request& request : c.requests) {
            last = session.write(request);
            last.success(ldap::doing(request), ldap::target(request));
        }
        if (!c.alone.empty() && !c.requests.empty()) require_alone(d, c, last);
        return last;
    }

    void require_alone(directory& d, const planned_change& c, const ldap::write_result& last) {
        const ldap::write_request& done = c.requests.back();
        const auto other = rivals(d).lasting({ldap::target(done), &c.alone});
        if (!other) return;
        const auto back = inverse_of(done, last);
        const bool is_back = back && session.write(*back).outcome == ldap::outcome::done;
        throw already_exists(fmt::format("{}: {}; {}", printable(c.subject), other->sentence, is_back ? "it was taken back" : "it could not be taken back"), {.dn = ldap::target(done).text()});
    }
};

directory::directory(ldap::session& s, directory_options options) : state_(std::make_unique<state>(state{s, std::move(options)})) {
    s.never_read(attr::clear_password);
}
directory::directory(directory&&) noexcept = default;
directory& directory::operator=(directory&&) noexcept = default;
directory::~directory() = default;

const site& directory::site() const noexcept { return state_->site(); }
ldap::session& directory::session() const noexcept { return state_->session; }
const directory_options& directory::options() const noexcept { return state_->options; }
bool directory::records_reasons() { return session().schema().has_class(cls::state); }
bool directory::records_list_owners() { return session().schema().has_attribute(attr::list_owner) && session().schema().has_class(cls::mailing_list); }

/// By the control that comes with it: a few bytes, where the subschema is a hundred thousand.
bool directory::has_password_policy() {
    constexpr std::string_view policy_control = "1.3.6.1.4.1.42.2.27.8.5.1"; // draft-behera-ldap-password-policy
    constexpr std::string_view controls = "supportedControl";
    auto& known = state_->has_policy;
    if (!known) {
        const auto root = session().find(ldap::dn(), {std::string(controls)});
        known = root && root->has_value(controls, policy_control);
    }
    return *known;
}

void directory::require_password_policy(const std::string& what) {
    if (!has_password_policy())
        throw error(error_kind::configuration, fmt::format("cannot {}: the server has no password policy", what), {.hint = "load slapo-ppolicy there"});
}

void directory::read_also(std::string_view attribute) {
    auto& all = state_->attributes;
    if (std::find(all.begin(), all.end(), attribute) == all.end()) all.emplace_back(attribute);
}

template <typename Entity> std::optional<stored<Entity>> directory::find(const name_of<Entity>& name) {
    auto e = state_->find_entry<Entity>(name);
    if (!e) return std::nullopt;
    Entity value = Entity::from_entry(*e, site());
    return stored<Entity>{std::move(value), std::move(*e)};
}

template <typename Entity> ldap::search_request directory::request_for(const name_of<Entity>& name) const { return state_->request_at_place<Entity>(name); }
template <typename Entity> std::vector<name_of<Entity>> directory::look_ahead(const std::vector<name_of<Entity>>& names) { return state_->look_ahead<Entity>(names); }

template <typename Entity> stored<Entity> directory::get(const name_of<Entity>& name) {
    try {
        if (auto found = find<Entity>(name)) return std::move(*found);
    } catch (const not_found&) { // the container itself
        require_sight(session(), site());
        throw;
    }
    require_sight(session(), site());
    throw absent<Entity>(site().layout, name);
}

namespace {

/// Reads what comes, or tells why it cannot be read.
template <typename Entity>
auto reader_of(const site& s, const std::function<void(stored<Entity>&&)>& visit, const std::function<void(unreadable_entry&&)>& unreadable) {
    return [&](ldap::entry&& e) {
        std::optional<Entity> value;
        try {
            value = Entity::from_entry(e, s);
        } catch (const invalid_value& fault) {
            return unreadable({e.dn(), fault.what()});
        }
        visit({std::move(*value), std::move(e)});
    };
}

filter with(const std::optional<filter>& more, std::vector<filter> parts) {
    if (more) parts.push_back(*more);
    return filter::all_of(parts);
}

} // namespace

/// Throws unless the domain is there and may be seen.
void directory::state::require_domain(const domain_name& name) {
    const auto base = site().layout.domain(name);
    if (session.find(base, ldap::no_attributes())) return;
    session.require_absent(base);
    require_own(name, name.text());
    require_sight(session, site());
    throw not_found(fmt::format("there is no domain {}", name.text()), {.dn = base.text()});
}

template <>
void directory::for_each<admin>(const list_options& what, const std::function<void(stored<admin>&&)>& visit,
                                const std::function<void(unreadable_entry&&)>& unreadable) {
    const layout& where = site().layout;
    if (what.domain) state_->require_domain(*what.domain);
    const auto read = reader_of(site(), visit, unreadable);
    std::vector<filter> admins = {filter::equal(attr::object_class, cls::admin)};
    if (what.domain) admins.push_back(filter::equal(attr::vd, what.domain->text()));
    if (session().find(where.admins(), ldap::no_attributes()))
        session().for_each({where.admins(), ldap::scope::subtree, with(what.filter, std::move(admins)), ldap::whole_entry()}, read);
    else session().require_absent(where.admins());
    const auto below = what.domain ? where.domain(*what.domain) : where.container();
    session().for_each({below, ldap::scope::subtree,
                        with(what.filter, {filter::equal(attr::object_class, cls::alias), filter::equal(attr::cn, schema::postmaster), filter::present(attr::user_password)}),
                        ldap::whole_entry()}, [&](ldap::entry&& e) {
        if (admin::is(e)) read(std::move(e));
    });
}

template <typename Entity> ldap::search_request directory::state::search_for(const list_options& what, std::vector<std::string> wanted) {
    std::vector<filter> parts = {filter::equal(attr::object_class, entity_traits<Entity>::object_class)};
    if (!what.removed) parts.push_back(filter::negation(filter::equal(attr::delete_, "TRUE")));
    if (what.domain) require_domain(*what.domain);
    return {what.domain ? site().layout.domain(*what.domain) : site().layout.container(), ldap::scope::subtree, with(what.filter, std::move(parts)), std::move(wanted)};
}

template <typename Entity>
void directory::for_each(const list_options& what, const std::function<void(stored<Entity>&&)>& visit,
                         const std::function<void(unreadable_entry&&)>& unreadable) {
    session().for_each(state_->search_for<Entity>(what, state_->attributes), reader_of(site(), visit, unreadable));
}

template <typename Entity>
void directory::for_each_name(const list_options& what, const std::function<void(name_of<Entity>&&)>& visit, const std::function<void(unreadable_entry&&)>& unreadable) {
    session().for_each(state_->search_for<Entity>(what, {std::string(attr::mail)}), [&](ldap::entry&& e) {
        std::optional<name_of<Entity>> name;
        try {
            name = name_of<Entity>::parse(naming::address_text(e));
        } catch (const invalid_value& fault) {
            return unreadable({e.dn(), fault.what()});
        }
        visit(std::move(*name));
    });
}

template <typename Entity> listing<Entity> directory::list(const list_options& what) {
    listing<Entity> all;
    for_each<Entity>(
        what, [&](stored<Entity>&& e) { all.items.push_back(std::move(e)); }, [&](unreadable_entry&& e) { all.unreadable.push_back(std::move(e)); });
    return all;
}

template <typename Entity> stored<Entity> directory::add(const Entity& e) {
    draft d(*this);
    d.expect<Entity>({entity_traits<Entity>::name(e)}, expected::absent);
    d.add(e);
    const plan p = std::move(d).take();
    for (const plan_notice& n : p.notices) state_->notice(n.sentence);
    state_->carry_out(*this, p);
    return get<Entity>(entity_traits<Entity>::name(e));
}

template <typename Entity> bool directory::update(stored<Entity>& e) {
    draft d(*this);
    d.update(e, "changed");
    const plan p = std::move(d).take();
    if (p.changes.empty() || p.changes.front().requests.empty()) return false;
    auto answer = state_->carry_out(*this, p);
    // Read, not guessed: the answer itself shows the entry, and a server that does not say is asked.
    e.source = answer.result.post_read ? std::move(*answer.result.post_read) : session().get(e.source.dn(), ldap::whole_entry());
    e.value = Entity::from_entry(e.source, site());
    return true;
}

template <typename Entity> void directory::remove(const stored<Entity>& e) {
    const ldap::delete_request request{e.source.dn(), ldap::precondition::unchanged(e.source)};
    session().write(request).success("remove", e.source.dn());
}

template <typename Entity> bool directory::disable(stored<Entity>& e, std::string_view reason, const std::string& comment) {
    if (!records_reasons()) state_->notice("the server has not loaded vmail.schema: why " + text_of(e.value) + " is disabled is not recorded");
    service_change(*this).disable(e.value, reason, comment);
    return update(e);
}

template <typename Entity> bool directory::enable(stored<Entity>& e) {
    service_change(*this).enable(e.value);
    return update(e);
}

template <typename Entity> bool directory::mark_removed(stored<Entity>& e) {
    service_change(*this).mark_removed(e.value);
    return update(e);
}

template <typename Entity> bool directory::restore(stored<Entity>& e) {
    service_change(*this).restore(e.value);
    return update(e);
}

template <typename Entity> bool directory::set_expiry(stored<Entity>& e, const std::optional<expiry>& end, timestamp now) {
    service_change(*this).set_expiry(e.value, end, now);
    return update(e);
}

void directory::set_password(stored<mailbox>& m, const secret& password, const std::optional<password_scheme>& scheme) {
    if (scheme) {
        m->password = hash_password(password, *scheme);
        update(m);
        return;
    }
    if (password.empty()) throw invalid_value("the new password is empty");
    session().set_password(m.source.dn(), password).success("set the password of", m.source.dn());
    m = get<mailbox>(m->address);
}

std::vector<ldap::entry> directory::references_to(const address& a) {
    auto found = find_all_references(session(), site(), a);
    std::erase_if(found, [&](const ldap::entry& e) {
        return !sends_to(e, a) || e.dn() == site().layout.mailbox(a) || e.has_value(attr::mail, a.text()); // an extension, or a copy kept
    });
    return found;
}

template VMAIL_EXPORT std::optional<stored<domain>> directory::find<domain>(const domain_name&);
template VMAIL_EXPORT std::optional<stored<mailbox>> directory::find<mailbox>(const address&);
template VMAIL_EXPORT std::optional<stored<alias>> directory::find<alias>(const alias_address&);
template VMAIL_EXPORT ldap::search_request directory::request_for<domain>(const domain_name&) const;
template VMAIL_EXPORT std::vector<domain_name> directory::look_ahead<domain>(const std::vector<domain_name>&);
template VMAIL_EXPORT std::vector<address> directory::look_ahead<mailbox>(const std::vector<address>&);
template VMAIL_EXPORT std::vector<alias_address> directory::look_ahead<alias>(const std::vector<alias_address>&);
template VMAIL_EXPORT std::vector<admin_name> directory::look_ahead<admin>(const std::vector<admin_name>&);
template VMAIL_EXPORT std::vector<domain_name> directory::look_ahead<backup_domain>(const std::vector<domain_name>&);
template VMAIL_EXPORT std::vector<alias_address> directory::look_ahead<backup_mail>(const std::vector<alias_address>&);
template VMAIL_EXPORT stored<domain> directory::get<domain>(const domain_name&);
template VMAIL_EXPORT stored<mailbox> directory::get<mailbox>(const address&);
template VMAIL_EXPORT stored<alias> directory::get<alias>(const alias_address&);
template VMAIL_EXPORT stored<mailbox> directory::add(const mailbox&);
template VMAIL_EXPORT stored<alias> directory::add(const alias&);
template VMAIL_EXPORT stored<mailing_list> directory::get<mailing_list>(const address&);
template VMAIL_EXPORT listing<mailing_list> directory::list(const list_options&);
template VMAIL_EXPORT listing<domain> directory::list(const list_options&);
template VMAIL_EXPORT void directory::for_each(const list_options&, const std::function<void(stored<domain>&&)>&, const std::function<void(unreadable_entry&&)>&);
template VMAIL_EXPORT void directory::for_each_name<mailbox>(const list_options&, const std::function<void(address&&)>&, const std::function<void(unreadable_entry&&)>&);
template VMAIL_EXPORT void directory::for_each_name<alias>(const list_options&, const std::function<void(alias_address&&)>&, const std::function<void(unreadable_entry&&)>&);
template VMAIL_EXPORT bool directory::update(stored<domain>&);
template VMAIL_EXPORT void directory::remove(const stored<domain>&);
template VMAIL_EXPORT bool directory::disable(stored<domain>&, std::string_view, const std::string&);
template VMAIL_EXPORT bool directory::enable(stored<domain>&);
template VMAIL_EXPORT bool directory::mark_removed(stored<domain>&);
template VMAIL_EXPORT bool directory::restore(stored<domain>&);
template VMAIL_EXPORT listing<mailbox> directory::list(const list_options&);
template VMAIL_EXPORT void directory::for_each(const list_options&, const std::function<void(stored<mailbox>&&)>&, const std::function<void(unreadable_entry&&)>&);
template VMAIL_EXPORT bool directory::update(stored<mailbox>&);
template VMAIL_EXPORT void directory::remove(const stored<mailbox>&);
template VMAIL_EXPORT bool directory::disable(stored<mailbox>&, std::string_view, const std::string&);
template VMAIL_EXPORT bool directory::enable(stored<mailbox>&);
template VMAIL_EXPORT bool directory::mark_removed(stored<mailbox>&);
template VMAIL_EXPORT bool directory::restore(stored<mailbox>&);
template VMAIL_EXPORT bool directory::set_expiry(stored<mailbox>&, const std::optional<expiry>&, timestamp);
template VMAIL_EXPORT listing<alias> directory::list(const list_options&);
template VMAIL_EXPORT void directory::for_each(const list_options&, const std::function<void(stored<alias>&&)>&, const std::function<void(unreadable_entry&&)>&);
template VMAIL_EXPORT bool directory::update(stored<alias>&);
template VMAIL_EXPORT void directory::remove(const stored<alias>&);
template VMAIL_EXPORT bool directory::disable(stored<alias>&, std::string_view, const std::string&);
template VMAIL_EXPORT bool directory::enable(stored<alias>&);
template VMAIL_EXPORT std::optional<stored<admin>> directory::find<admin>(const admin_name&);
template VMAIL_EXPORT stored<admin> directory::get<admin>(const admin_name&);
template VMAIL_EXPORT listing<admin> directory::list(const list_options&);
template VMAIL_EXPORT bool directory::set_expiry(stored<alias>&, const std::optional<expiry>&, timestamp);
template VMAIL_EXPORT std::optional<stored<backup_domain>> directory::find<backup_domain>(const domain_name&);
template VMAIL_EXPORT stored<backup_domain> directory::get<backup_domain>(const domain_name&);
template VMAIL_EXPORT listing<backup_domain> directory::list(const list_options&);
template VMAIL_EXPORT void directory::for_each(const list_options&, const std::function<void(stored<backup_domain>&&)>&, const std::function<void(unreadable_entry&&)>&);
template VMAIL_EXPORT bool directory::update(stored<backup_domain>&);
template VMAIL_EXPORT void directory::remove(const stored<backup_domain>&);
template VMAIL_EXPORT std::optional<stored<backup_mail>> directory::find<backup_mail>(const alias_address&);
template VMAIL_EXPORT stored<backup_mail> directory::get<backup_mail>(const alias_address&);
template VMAIL_EXPORT listing<backup_mail> directory::list(const list_options&);
template VMAIL_EXPORT void directory::for_each(const list_options&, const std::function<void(stored<backup_mail>&&)>&, const std::function<void(unreadable_entry&&)>&);
template VMAIL_EXPORT bool directory::update(stored<backup_mail>&);
template VMAIL_EXPORT void directory::remove(const stored<backup_mail>&);

} // namespace vmail
