#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/directory.hpp>
#include <vmail/directory_state.hpp>

namespace vmail {

namespace attr = schema::attr;
namespace cls = schema::cls;
using ldap::filter;

namespace {

std::string kind_of(const ldap::entry& e) {
    if (e.has_class(cls::account)) return e.first(attr::delete_) == "TRUE" ? "a removed mailbox" : "a mailbox";
    if (e.has_class(cls::alias)) return "an alias";
    return "another entry";
}

remedy remedy_for(const ldap::entry& e) {
    return e.has_class(cls::account) && e.first(attr::delete_) == "TRUE" ? remedy::restore_mailbox_or_remove_for_good : remedy::none;
}

} // namespace

void directory::state::notice(const std::string& sentence) const {
    if (options.on_notice) options.on_notice(sentence);
}

ldap::write_result directory::state::perform(const ldap::write_request& request, std::string_view doing) {
    if (options.on_write) options.on_write(request);
    if (options.dry_run) return {ldap::outcome::done, {}, false};
    auto answer = session.write(request);
    answer.success(doing, ldap::target(request));
    return answer;
}

std::optional<ldap::entry> directory::state::find_entry(const ldap::dn& name, std::string_view object_class, const std::string& mail,
                                                        const domain_name& domain) {
    if (auto e = session.find(name, directory_attributes::whole)) {
        if (e->has_class(object_class)) return e;
        return std::nullopt;
    }
    const auto parent = layout().domain(domain);
    if (!session.find(parent, directory_attributes::none)) return std::nullopt;
    auto found = session.search({parent, ldap::scope::subtree,
                                 filter::all_of({filter::equal(attr::object_class, object_class), filter::equal(attr::mail, mail)}),
                                 directory_attributes::whole});
    if (found.empty()) return std::nullopt;
    if (found.size() > 1)
        throw conflict(
            fmt::format("{} entries have the address {}, {} and {} among them", found.size(), mail, found[0].dn().text(), found[1].dn().text()),
            {.dn = found[0].dn().text(), .hint = "one address is one entry: remove all but one"});
    return std::move(found).take().front();
}

bool directory::state::update_entry(const ldap::entry& before, const ldap::entry& after) {
    auto changes = ldap::diff(before, after);
    if (changes.empty()) return false;
    std::erase_if(changes, [](const ldap::modification& m) { return m.attribute == attr::last_change; });
    changes.push_back({ldap::change::replace, std::string(attr::last_change), {std::to_string(timestamp::now().epoch())}});
    perform(ldap::modify_request{before.dn(), std::move(changes), ldap::precondition::unchanged(before)}, "change");
    return true;
}

void directory::state::require_free(const alias_address& a) {
    const auto found = session.search({layout().container(),
                                       ldap::scope::subtree,
                                       filter::equal(attr::mail, a.text()),
                                       {std::string(attr::object_class), std::string(attr::delete_)}});
    if (found.empty()) return;
    throw already_exists(fmt::format("{} exists already: it is {}, {}", a.text(), kind_of(found[0]), found[0].dn().text()),
                         {.dn = found[0].dn().text(), .remedy = remedy_for(found[0]), .subject = a.text()});
}

template <typename Entity>
void directory::state::for_each(std::string_view object_class, const list_options& what, const std::function<void(stored<Entity>&&)>& visit,
                                const std::function<void(unreadable_entry&&)>& unreadable) {
    std::vector<filter> parts = {filter::equal(attr::object_class, object_class)};
    if (!what.removed) parts.push_back(filter::negation(filter::equal(attr::delete_, "TRUE")));
    if (what.filter) parts.push_back(*what.filter);
    const auto base = what.domain ? layout().domain(*what.domain) : layout().container();
    try {
        session.for_each({base, ldap::scope::subtree, filter::all_of(parts), directory_attributes::whole}, [&](ldap::entry&& e) {
            std::optional<Entity> value;
            try {
                value = Entity::from_entry(e, site());
            } catch (const invalid_value& fault) {
                unreadable({e.dn(), fault.what()});
                return;
            }
            visit({std::move(*value), std::move(e)});
        });
    } catch (const not_found&) {
        if (!what.domain) throw;
        throw not_found(fmt::format("there is no domain {}", what.domain->text()), {.dn = base.text()});
    }
}

template <typename Entity>
listing<Entity> directory::state::list(std::string_view object_class, const list_options& what) {
    listing<Entity> all;
    for_each<Entity>(
        object_class, what, [&](stored<Entity>&& e) { all.items.push_back(std::move(e)); },
        [&](unreadable_entry&& e) { all.unreadable.push_back(std::move(e)); });
    return all;
}

directory::directory(ldap::session& s, directory_options options) : state_(std::make_unique<state>(s, std::move(options))) {}
directory::directory(directory&&) noexcept = default;
directory& directory::operator=(directory&&) noexcept = default;
directory::~directory() = default;

const site& directory::site() const noexcept { return state_->site(); }
ldap::session& directory::session() const noexcept { return state_->session; }

bool directory::records_reasons() { return state_->session.schema().has_class(cls::state); }

listing<domain> directory::list_domains(const list_options& options) { return state_->list<domain>(cls::domain, options); }
listing<mailbox> directory::list_mailboxes(const list_options& options) { return state_->list<mailbox>(cls::account, options); }
listing<alias> directory::list_aliases(const list_options& options) { return state_->list<alias>(cls::alias, options); }

void directory::for_each_mailbox(const list_options& options, const std::function<void(stored<mailbox>&&)>& visit,
                                 const std::function<void(unreadable_entry&&)>& unreadable) {
    state_->for_each<mailbox>(cls::account, options, visit, unreadable);
}

void directory::for_each_alias(const list_options& options, const std::function<void(stored<alias>&&)>& visit,
                               const std::function<void(unreadable_entry&&)>& unreadable) {
    state_->for_each<alias>(cls::alias, options, visit, unreadable);
}

std::vector<ldap::dn> directory::references_to(const address& a) {
    const auto found =
        session().search({site().layout.container(), ldap::scope::subtree, filter::equal(attr::maildrop, a.text()), {std::string(attr::mail)}});
    std::vector<ldap::dn> names;
    for (const auto& e : found)
        if (e.dn() != site().layout.mailbox(a)) names.push_back(e.dn());
    return names;
}

} // namespace vmail
