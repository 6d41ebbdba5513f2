#include <algorithm>

#include <fmt/format.h>

#include <vmail/error.hpp>

#include <vmail/directory.hpp>
#include <vmail/directory_state.hpp>

namespace vmail {

namespace attr = schema::attr;
using ldap::filter;

namespace {

alias_address moved_to(const alias_address& a, const domain_name& to) {
    return a.is_catch_all() ? alias_address::catch_all(to) : alias_address(address::make(a.local_part(), to));
}

/// An entry's contents without what the server keeps of it.
ldap::entry as_new(const ldap::entry& e) {
    ldap::entry copy = e;
    for (const auto name : {attr::entry_uuid, attr::entry_csn}) copy.erase(name);
    return copy;
}

template <typename Entity>
void require_readable(const listing<Entity>& all) {
    if (all.unreadable.empty()) return;
    const auto& first = all.unreadable.front();
    throw invalid_value(fmt::format("{} entries cannot be moved, {} among them: {}", all.unreadable.size(), first.dn.text(), first.sentence),
                        {.dn = first.dn.text()});
}

} // namespace

template <typename Entity>
void directory::state::move(const stored<Entity>& from, const Entity& to) {
    ldap::entry after = from.source;
    to.to_entry(after, site());
    const auto answer = perform(ldap::rename_request{from.source.dn(), after.dn(), ldap::precondition::unchanged(from.source)}, "rename");

    // The server has put the new RDN into the entry; the rest follows, guarded by the version that the renaming made.
    ldap::entry renamed = from.source;
    renamed.set_dn(after.dn());
    const auto& rdn = after.dn().rdns().front().front();
    if (rdn.type == attr::mail) renamed.set(attr::mail, rdn.value);
    auto csn = answer.result.post_read ? answer.result.post_read->first(attr::entry_csn) : std::nullopt;
    if (!csn && !options.dry_run) csn = session.get(after.dn(), {std::string(attr::entry_csn)}).first(attr::entry_csn);
    if (csn) renamed.set(attr::entry_csn, *csn);
    after.set(attr::entry_csn, renamed.first(attr::entry_csn));
    update_entry(renamed, after);
    plan(from.source.dn(), after);
}

ldap::entry directory::state::as_planned(const ldap::entry& e) const {
    const auto planned = planned_.find(e.dn().key());
    return planned == planned_.end() ? e : planned->second;
}

void directory::state::plan(const ldap::dn& on_server, const ldap::entry& by_then) {
    if (options.dry_run) planned_.insert_or_assign(on_server.key(), by_then);
}

std::size_t directory::state::lead_over(const maildrop& from, const maildrop& to) {
    std::size_t changed = 0;
    const auto pointing =
        session.search({layout().container(), ldap::scope::subtree, filter::equal(attr::maildrop, from.text()), directory_attributes::whole});
    for (const auto& e : pointing) {
        const ldap::entry before = as_planned(e);
        const auto* held = before.find(attr::maildrop);
        if (!held) continue;
        std::vector<std::string> targets = *held;
        for (auto& t : targets)
            if (maildrop::from_attribute(t) == from) t = to.text();
        ldap::entry after = before;
        after.erase(attr::maildrop);
        for (auto& t : targets) after.add_value(attr::maildrop, std::move(t));
        if (!update_entry(before, after)) continue;
        plan(e.dn(), after);
        ++changed;
    }
    return changed;
}

std::size_t directory::rename(const stored<mailbox>& m, const address& to) {
    auto& s = *state_;
    const address from = m->address;
    if (from.text() == to.text()) return 0;
    if (from == to) {
        s.move(m, [&] {
            mailbox respelled = m.value;
            respelled.address = to;
            return respelled;
        }());
        return 0;
    }
    const auto d = s.require_domain(to.domain());
    s.require_free(to);
    if (from.domain() != to.domain()) s.require_room_for_mailbox(d.value, m->quota);
    mailbox moved = m.value;
    moved.address = to;
    std::replace(moved.forward.targets.begin(), moved.forward.targets.end(), maildrop(from), maildrop(to));
    s.move(m, moved);
    return s.lead_over(from, to);
}

std::size_t directory::rename(const stored<domain>& d, const domain_name& to, bool resume) {
    auto& s = *state_;
    if (d->name == to) return 0;
    const auto mailboxes = list_mailboxes({.domain = d->name, .removed = true});
    const auto aliases = list_aliases({.domain = d->name});
    require_readable(mailboxes);
    require_readable(aliases);
    const auto there = find_domain(to);
    if (there && !resume)
        throw already_exists(fmt::format("the domain {} exists already", to.text()),
                             {.dn = there->source.dn().text(), .remedy = remedy::resume_renaming, .subject = to.text()});
    if (!there) {
        domain renamed = d.value;
        renamed.name = to;
        ldap::entry fresh = as_new(d.source);
        renamed.to_entry(fresh, site());
        s.perform(ldap::add_request{std::move(fresh)}, "add");
    }

    for (const auto& listed : mailboxes.items) {          // before the aliases: a target is there before what leads to it
        const auto found = find_mailbox(listed->address); // its forward may have been led over meanwhile
        if (!found) continue;
        const stored<mailbox> m = s.as_planned(*found);
        const address from = m->address, new_address = address::make(from.local_part(), to);
        mailbox moved = m.value;
        moved.address = new_address;
        std::replace(moved.forward.targets.begin(), moved.forward.targets.end(), maildrop(from), maildrop(new_address));
        s.move(m, moved);
        s.lead_over(from, new_address);
    }
    for (const auto& listed : aliases.items) {
        const auto found = find_alias(listed->address); // its targets may have moved meanwhile
        if (!found) continue;
        const stored<alias> a = s.as_planned(*found);
        alias moved = a.value;
        moved.address = moved_to(a->address, to);
        s.move(a, moved);
        if (!moved.address.is_catch_all())
            s.lead_over(address::make(listed->address.local_part(), d->name), address::make(listed->address.local_part(), to));
    }

    if (s.options.dry_run)
        s.perform(ldap::delete_request{d.source.dn(), ldap::precondition::unchanged(d.source)}, "remove");
    else
        remove(get_domain(d->name));
    return mailboxes.items.size() + aliases.items.size();
}

} // namespace vmail
