#include <algorithm>

#include <vmail/error.hpp>

#include <vmail/directory_routes.hpp>
#include <vmail/list_shape.hpp>
#include <vmail/naming.hpp>
#include <vmail/schema.hpp>

namespace vmail {

namespace attr = schema::attr;
namespace cls = schema::cls;
using ldap::filter;
using routing::holder;
using routing::holding;

namespace {

std::optional<domain_name> as_domain(const std::string& text) {
    try {
        return domain_name::parse(text);
    } catch (const invalid_value&) { // nothing that a directory could have
        return std::nullopt;
    }
}

std::string word_for(const service_state& s) { return std::string(s.in_service ? routing::loss_word::closed : s.why); }

void pass_over(holding& h, std::string_view entry, const service_state& s) {
    if (!h.entry.empty()) return;
    h.entry = entry;
    h.why = word_for(s);
}

/// virtual_alias_maps asks the maps of forwards, accounts and aliases in this order, and the first that has something answers with all that it has.
bool goes_before(holder kind, const holding& h) {
    constexpr auto rank = [](holder k) { return k == holder::nobody ? 3 : k == holder::alias ? 2 : k == holder::mailbox ? 1 : 0; };
    return rank(kind) < rank(h.kind);
}

void take(holding& h, holder kind, const std::vector<maildrop>& targets) {
    if (kind != h.kind && !goes_before(kind, h)) return;
    if (kind != h.kind) h.targets.clear();
    h.kind = kind;
    for (const maildrop& t : targets) h.targets.push_back(t.text());
}

routing::domain_holding holding_of(routing::domain_class kind, const service_state& s) {
    if (s.in_service) return {kind};
    return {kind, std::string(s.why == service_word::removed ? service_word::domain_removed : service_word::domain_disabled)};
}

routing::domain_holding holding_of(const domain& d) {
    auto h = holding_of(routing::domain_class::ours, service_of(d));
    h.transport = d.transport;
    return h;
}

bool is_in_service(const service_state& s) { return s.in_service && s.receives; }

} // namespace

routing::surroundings directory_routes::surroundings() {
    return {[this](const std::string& address) { return find(address); }, [this](const std::string& name) { return find_domain(name); },
            directory_.site().recipient_delimiter};
}

holding directory_routes::find(const std::string& address) {
    holding h;
    const auto found = directory_.session().search({directory_.site().layout.container(), ldap::scope::subtree, filter::equal(attr::mail, address), ldap::whole_entry()});
    for (const ldap::entry& e : found) try {
        read(h, e);
    } catch (const invalid_value&) { // what others made of it is theirs to know
        pass_over(h, "entry", {.in_service = false, .why = service_word::invalid});
    }
    return h;
}

void directory_routes::read(holding& h, const ldap::entry& e) {
    if (e.has_class(cls::account)) read_mailbox(h, e);
    else if (e.has_class(cls::alias)) read_alias(h, e);
    else if (e.has_class(cls::backup_mail)) h.is_taken = h.is_taken || is_in_service(service_of(backup_mail::from_entry(e, directory_.site()), {}));
    else return;
    ++h.entries;
}

/// The maps cannot see the domain above an entry: whether they find it is asked as if that were in service, and why they do not as it is.
void directory_routes::read_mailbox(holding& h, const ldap::entry& e) {
    const auto m = mailbox::from_entry(e, directory_.site());
    if (!is_in_service(service_of(m, {}, now_))) return pass_over(h, "mailbox", service_of(m, state_of(m.address.domain()), now_));
    const bool forwards = m.forward.active && !m.forward.targets.empty();
    take(h, forwards ? holder::forward : holder::mailbox, forwards ? m.forward.targets : std::vector<maildrop>{});
    h.answers = m.vacation.active;
    if (m.vacation.active) h.answers_to = e.first(attr::vacation_forward).value_or("");
}

void directory_routes::read_alias(holding& h, const ldap::entry& e) {
    stored<alias> a{alias::from_entry(e, directory_.site()), e};
    if (!is_in_service(service_of(a.value, {}, now_))) return pass_over(h, "alias", service_of(a.value, state_of(a->address.domain()), now_));
    take(h, holder::alias, a->targets);
    h.server = list_server_of(a);
}

std::optional<service_state> directory_routes::look_up(const domain_name& name) {
    const auto e = bearer_of(name);
    if (!e || !e->has_class(cls::domain)) return std::nullopt;
    return service_of(domain::from_entry(*e, directory_.site()));
}

/// Nothing says of an alias that it is one of a list but where it leads, or its class: then the other addresses of the list are looked for.
std::string directory_routes::list_server_of(const stored<alias>& a) {
    const auto leads = mailing_list::lists_domain_of(a.value);
    if (!leads) return {};
    if (leads == lists_ || a.source.has_class(cls::mailing_list)) return leads->text();
    const std::string& local = a->address.local_part();
    const std::size_t suffix = list_shape::suffix_of(local).value_or("").size();
    const std::string name = local.substr(0, local.size() - suffix);
    const bool is_one = list_shape::is_name(name) && directory_.find<mailing_list>(address::make(name, a->address.domain()));
    return is_one ? leads->text() : std::string();
}

routing::domain_holding directory_routes::find_domain(const std::string& text) {
    const auto name = as_domain(text);
    if (!name) return {};
    if (lists_ && *name == *lists_) return {routing::domain_class::lists};
    const auto e = bearer_of(*name);
    auto h = e ? read_domain(*e) : std::nullopt;
    if (!h) return {may_see(*name) ? routing::domain_class::elsewhere : routing::domain_class::hidden};
    if (e->dn() != directory_.site().layout.domain(*name)) h->renamed_to = naming::subject_of(e->dn());
    return std::move(*h);
}

std::optional<routing::domain_holding> directory_routes::read_domain(const ldap::entry& e) const {
    if (e.has_class(cls::domain)) return holding_of(domain::from_entry(e, directory_.site()));
    if (e.has_class(cls::backup_domain)) return holding_of(routing::domain_class::backup, service_of(backup_domain::from_entry(e, directory_.site())));
    return std::nullopt;
}

/// The domain of that name, or one on its way from it to another: it has both, and the maps find it by either.
std::optional<ldap::entry> directory_routes::bearer_of(const domain_name& name) {
    const layout& where = directory_.site().layout;
    if (auto e = directory_.session().find(where.domain(name))) return e;
    auto found = directory_.session().search({where.container(), ldap::scope::one, filter::equal(attr::vd, name.text()), ldap::whole_entry()}).take();
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

/// An administrator sees his own domains, the owner of a mailbox that alone: what they do not find may be there.
bool directory_routes::may_see(const domain_name& name) {
    return who().kind == standing::kind::service || (who().kind == standing::kind::administrator && who().runs(name));
}

const standing& directory_routes::who() {
    if (!who_) who_ = standing_of(directory_.session(), directory_.site());
    return *who_;
}

} // namespace vmail
