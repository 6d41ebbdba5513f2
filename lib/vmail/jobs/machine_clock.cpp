#include <optional>
#include <string>

#include <fmt/format.h>

#include <vmail/csn.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/layout.hpp>
#include <vmail/printable.hpp>
#include <vmail/schema.hpp>
#include <vmail/standing.hpp>

#include <vmail/jobs/machine_clock.hpp>

namespace vmail {

namespace {

namespace attr = schema::attr;

constexpr std::chrono::minutes tolerance{5};

[[noreturn]] void refuse(timestamp now, const std::string& why) {
    throw limit_exceeded(fmt::format("the clock of this machine says {}, and {}: nothing was changed", now.rfc3339(), why), {.remedy = remedy::accept_clock});
}

void require_not_before(timestamp now, timestamp then, std::string_view what) {
    if (then.instant() > now.instant() + tolerance) refuse(now, fmt::format("{} {}", what, then.rfc3339()));
}

void look_at(timestamp now, const std::string& text) {
    if (const auto moment = csn::moment(text)) require_not_before(now, *moment, "the directory was changed at");
}

/// Who reads domains alone, as the daemons do, does not see what is above them.
std::optional<ldap::entry> look_above(ldap::session& s, const layout& where) {
    try {
        return s.find(where.base(), {"contextCSN"});
    } catch (const denied&) {
        return std::nullopt;
    }
}

void require_no_later_change(ldap::session& s, const layout& where, timestamp now) {
    if (const auto top = look_above(s, where); top && top->has("contextCSN")) {
        for (const auto& text : *top->find("contextCSN")) look_at(now, text);
        return;
    }
    if (!s.schema().has_ordering(attr::entry_csn)) return;
    const auto later = ldap::filter::greater_or_equal(attr::entry_csn, csn::at(timestamp(now.instant() + tolerance)));
    s.for_each({where.container(), ldap::scope::subtree, later, {std::string(attr::entry_csn)}}, [now](ldap::entry&& e) { look_at(now, e.first(attr::entry_csn).value_or("")); });
}

} // namespace

void require_plausible_clock(directory& d, timestamp now, const std::optional<timestamp>& last_look, std::chrono::seconds longest_pause) {
    require_sight(d.session(), d.site());
    require_no_later_change(d.session(), d.site().layout, now);
    if (!last_look) return;
    require_not_before(now, *last_look, "the last run was at");
    if (now.instant() - last_look->instant() > longest_pause) refuse(now, fmt::format("the last run was at {}, longer ago than runs may be apart", last_look->rfc3339()));
}

namespace {

/// One is enough.
struct is_recent {};

bool any_changed_since(directory& d, timestamp then) {
    const auto later = ldap::filter::greater_or_equal(attr::entry_csn, csn::at(then));
    try {
        d.session().for_each({d.site().layout.container(), ldap::scope::subtree, later, ldap::no_attributes()}, [](ldap::entry&&) { throw is_recent{}; });
    } catch (const is_recent&) {
        return true;
    }
    return false;
}

} // namespace

void require_recent_change(directory& d, timestamp now, std::chrono::seconds longest_pause) {
    if (!d.session().schema().has_ordering(attr::entry_csn)) return;
    const timestamp then(now.instant() - longest_pause);
    if (!any_changed_since(d, then)) refuse(now, fmt::format("nothing in the directory was changed since {}, which is as if it were ahead", then.rfc3339()));
}

} // namespace vmail
