#include <algorithm>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>

#include <vmail/directory.hpp>
#include <vmail/directory_state.hpp>

namespace vmail {

namespace attr = schema::attr;
namespace cls = schema::cls;
using ldap::filter;

namespace {

constexpr std::uint64_t mib = 1024 * 1024;

/// The two aliases that every domain has (RFC 2142); they count against no limit and go with the domain.
bool belongs_to_every_domain(const alias_address& a) {
    return ascii::iequals(a.local_part(), schema::postmaster) || ascii::iequals(a.local_part(), "abuse");
}

filter in_service(std::string_view object_class) {
    return filter::all_of({filter::equal(attr::object_class, object_class), filter::negation(filter::equal(attr::delete_, "TRUE"))});
}

alias standing_alias(std::string_view local_part, const domain& d, const maildrop& target) {
    alias a(address::make(local_part, d.name));
    a.targets = {target};
    a.active = d.active;
    return a;
}

[[noreturn]] void full(const domain& d, std::uint64_t limit, std::string_view what, remedy to_do) {
    throw limit_exceeded(fmt::format("the domain {} is full: its limit is {} {}", d.name.text(), limit, what),
                         {.remedy = to_do, .subject = d.name.text()});
}

} // namespace

std::optional<stored<domain>> directory::find_domain(const domain_name& name) {
    auto e = session().find(site().layout.domain(name), directory_attributes::whole);
    if (e && !e->has_class(cls::domain)) e.reset();
    return state_->as_stored<domain>(std::move(e));
}

stored<domain> directory::get_domain(const domain_name& name) {
    auto found = find_domain(name);
    if (!found) throw not_found(fmt::format("there is no domain {}", name.text()), {.dn = site().layout.domain(name).text()});
    return std::move(*found);
}

stored<domain> directory::state::require_domain(const domain_name& name) {
    auto e = session.find(layout().domain(name), directory_attributes::whole);
    if (e && !e->has_class(cls::domain)) e.reset();
    auto found = as_stored<domain>(std::move(e));
    if (!found)
        throw not_found(fmt::format("there is no domain {}", name.text()),
                        {.dn = layout().domain(name).text(), .remedy = remedy::add_domain, .subject = name.text()});
    if (found->value.removed)
        throw not_found(fmt::format("the domain {} is removed", name.text()),
                        {.dn = layout().domain(name).text(), .remedy = remedy::restore_domain, .subject = name.text()});
    return std::move(*found);
}

void directory::add_domain(const domain& d, const std::optional<maildrop>& postmaster) {
    auto& s = *state_;
    if (const auto there = session().find(site().layout.domain(d.name), {std::string(attr::delete_)}))
        throw already_exists(
            fmt::format("the domain {} exists already", d.name.text()),
            {.dn = there->dn().text(),
             .remedy = there->first(attr::delete_) == "TRUE" ? remedy::restore_domain_instead : remedy::none,
             .subject = d.name.text()});
    const maildrop to = postmaster.value_or(maildrop::from_attribute(schema::postmaster));
    const auto standing = {standing_alias(schema::postmaster, d, to), standing_alias("abuse", d, to)};
    for (const auto& a : standing)
        if (maildrop(address::make(a.address.local_part(), d.name)) == to)
            throw invalid_value(fmt::format("{} cannot be sent to itself", a.address.text()));

    ldap::entry fresh;
    d.to_entry(fresh, site());
    const auto made = s.perform(ldap::add_request{fresh}, "add");
    std::vector<ldap::dn> undo = {fresh.dn()};
    try {
        for (const auto& a : standing) {
            s.add(a);
            undo.push_back(site().layout.alias(a.address));
        }
    } catch (const error& e) {
        if (e.in_doubt() || s.options.dry_run) throw;
        // A domain without its postmaster is half a domain: what was just made goes again.
        for (auto it = undo.rbegin(); it != undo.rend(); ++it) s.session.remove({*it, {}});
        throw;
    }
}

bool directory::update(const stored<domain>& d) { return state_->update(d); }

void directory::remove(const stored<domain>& d) {
    auto& s = *state_;
    const auto name = d.source.dn();
    auto below =
        s.session.search({name,
                          ldap::scope::children,
                          filter::present(attr::object_class),
                          {std::string(attr::object_class), std::string(attr::mail), std::string(attr::entry_uuid), std::string(attr::entry_csn)}});
    const auto stays = [&](const ldap::entry& e) {
        const auto mail = e.first(attr::mail);
        return !mail || !e.has_class(cls::alias) || !belongs_to_every_domain(alias_address::parse(*mail));
    };
    const auto others = std::count_if(below.begin(), below.end(), stays);
    if (others > 0)
        throw error(error_kind::invalid_value,
                    fmt::format("the domain {} is not empty: it holds {} {}", d->name.text(), others, others == 1 ? "entry" : "entries"),
                    {.dn = name.text(), .remedy = remedy::empty_domain_or_mark_removed, .subject = d->name.text()});
    for (const auto& e : below) s.perform(ldap::delete_request{e.dn(), ldap::precondition::unchanged(e)}, "remove");
    s.perform(ldap::delete_request{name, ldap::precondition::unchanged(d.source)}, "remove");
}

void directory::state::require_room_for_mailbox(const domain& d, const std::optional<quota>& wanted) {
    if (d.max_mailboxes) {
        const auto there = session.for_each({layout().domain(d.name), ldap::scope::children, in_service(cls::account), directory_attributes::none},
                                            [](ldap::entry&&) {});
        if (there >= *d.max_mailboxes) full(d, *d.max_mailboxes, "mailboxes", remedy::raise_limit_mailboxes);
    }
    require_quota(d, wanted, std::nullopt);
}

void directory::state::require_quota(const domain& d, const std::optional<quota>& wanted, const std::optional<address>& instead_of) {
    if (!d.max_quota_mib) return;
    if (!wanted || !wanted->bytes())
        throw limit_exceeded(fmt::format("the mailboxes of {} share {} MiB: a mailbox in it needs a quota in bytes", d.name.text(), *d.max_quota_mib),
                             {.remedy = remedy::give_quota, .subject = d.name.text()});
    std::uint64_t sum = *wanted->bytes();
    session.for_each({layout().domain(d.name), ldap::scope::children, in_service(cls::account), {std::string(attr::mail), std::string(attr::quota)}},
                     [&](ldap::entry&& e) {
                         const auto mail = e.first(attr::mail), stored_quota = e.first(attr::quota);
                         if (!stored_quota || (instead_of && mail && ascii::iequals(*mail, instead_of->text()))) return;
                         try {
                             sum += quota::from_attribute(*stored_quota).bytes().value_or(0);
                         } catch (const invalid_value&) { // counts for nothing to the daemons, too
                         }
                     });
    if (sum > *d.max_quota_mib * mib)
        throw limit_exceeded(
            fmt::format("the domain {} is full: its mailboxes would have {} MiB together, and share {}", d.name.text(), (sum + mib - 1) / mib,
                        *d.max_quota_mib),
            {.remedy = remedy::raise_limit_quota, .subject = d.name.text()});
}

void directory::state::require_room_for_alias(const domain& d, const alias_address& a) {
    if (!d.max_aliases || belongs_to_every_domain(a)) return;
    std::uint64_t there = 0;
    session.for_each({layout().domain(d.name), ldap::scope::children, filter::equal(attr::object_class, cls::alias), {std::string(attr::mail)}},
                     [&](ldap::entry&& e) {
                         const auto mail = e.first(attr::mail).value_or("");
                         const auto local = std::string_view(mail).substr(0, mail.find('@'));
                         if (!ascii::iequals(local, schema::postmaster) && !ascii::iequals(local, "abuse")) ++there;
                     });
    if (there >= *d.max_aliases) full(d, *d.max_aliases, "aliases", remedy::raise_limit_aliases);
}

} // namespace vmail
