#include <algorithm>

#include <fmt/format.h>

#include <vmail/error.hpp>

#include <vmail/directory.hpp>
#include <vmail/directory_state.hpp>

namespace vmail {

namespace cls = schema::cls;

namespace {

void check_targets(const alias& a) {
    if (a.targets.empty()) throw invalid_value(fmt::format("the alias {} has no target", a.address.text()));
    const bool circle = std::any_of(a.targets.begin(), a.targets.end(), [&](const maildrop& t) { return t.key() == a.address.key(); });
    if (circle) throw invalid_value(fmt::format("the alias {} cannot be sent to itself", a.address.text()));
}

} // namespace

std::optional<stored<alias>> directory::find_alias(const alias_address& a) {
    return state_->as_stored<alias>(state_->find_entry(site().layout.alias(a), cls::alias, a.text(), a.domain()));
}

stored<alias> directory::get_alias(const alias_address& a) {
    auto found = find_alias(a);
    if (!found) throw not_found(fmt::format("there is no alias {}", a.text()), {.dn = site().layout.alias(a).text()});
    return std::move(*found);
}

void directory::add_alias(const alias& a) {
    auto& s = *state_;
    check_targets(a);
    const auto d = s.require_domain(a.address.domain());
    s.require_free(a.address);
    s.require_room_for_alias(d.value, a.address);
    s.add(a);
}

bool directory::update(const stored<alias>& a) {
    if (a->targets != alias::from_entry(a.source, site()).targets) check_targets(a.value);
    return state_->update(a);
}

void directory::remove(const stored<alias>& a) {
    state_->perform(ldap::delete_request{a.source.dn(), ldap::precondition::unchanged(a.source)}, "remove");
}

} // namespace vmail
