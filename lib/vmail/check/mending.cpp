#include <algorithm>
#include <utility>

#include <vmail/ascii.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/ldap/request.hpp>

#include <vmail/check/mending.hpp>
#include <vmail/schema.hpp>
#include <vmail/timestamp.hpp>

namespace vmail::check {

namespace {

namespace attr = schema::attr;

/// Phamm wants to know of each change of an account.
void stamp(std::vector<ldap::modification>& changes, const ldap::entry& e) {
    std::erase_if(changes, [](const ldap::modification& m) { return ascii::iequals(m.attribute, attr::last_change); });
    if (e.has(attr::last_change)) changes.push_back({ldap::change::replace, std::string(attr::last_change), {std::to_string(timestamp::now().epoch())}});
}

/// The version, and that what is added is not there after all, hidden from us: it would be overwritten.
ldap::precondition guard_of_repair(const ldap::entry& before, const ldap::entry& after) {
    auto guard = ldap::precondition::unchanged(before);
    for (const ldap::attribute& a : after.attributes())
        if (!before.has(a.name)) guard.also.push_back(ldap::filter::negation(ldap::filter::present(a.name)));
    return guard;
}

} // namespace

void mending::change(const ldap::entry& before, const ldap::entry& after, const std::string& subject, const std::string& why) {
    auto changes = ldap::diff(before, after);
    if (changes.empty()) return;
    stamp(changes, before);
    add({.subject = subject, .action = "repaired", .why = why, .requests = {ldap::modify_request{before.dn(), std::move(changes), guard_of_repair(before, after)}}}, why);
}

void mending::add(planned_change c, const std::string& why) {
    auto& known = codes[c.subject];
    known += (known.empty() ? "" : ", ") + why;
    changes_.push_back(std::move(c));
}

plan mending::take() && {
    plan all = std::move(draft_).take();
    std::size_t item = all.changes.empty() ? 0 : all.changes.back().item + 1;
    for (planned_change& c : changes_) {
        c.item = item++;
        all.changes.push_back(std::move(c));
    }
    return all;
}

} // namespace vmail::check
