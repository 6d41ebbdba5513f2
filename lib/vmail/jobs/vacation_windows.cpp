#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/printable.hpp>

#include <vmail/jobs/vacation_windows.hpp>
#include <vmail/domain.hpp>
#include <vmail/layout.hpp>
#include <vmail/naming.hpp>
#include <vmail/schema.hpp>
#include <vmail/standing.hpp>
#include <vmail/vacation_phase.hpp>

namespace vmail {

namespace {

namespace attr = schema::attr;
namespace cls = schema::cls;
using ldap::change;
using ldap::filter;

std::string account_of(const ldap::entry& e) {
    try {
        return naming::address_text(e);
    } catch (const invalid_value&) {
        return e.dn().text();
    }
}

std::optional<local_minute> minute_in(const ldap::entry& e, std::string_view name) {
    const auto* const values = e.find(name);
    if (values == nullptr) return std::nullopt;
    return local_minute::parse_digits(values->size() == 1 ? values->front() : "");
}

/// What of it decides when it is given.
vacation window_of(const ldap::entry& e) {
    vacation v;
    v.active = e.first(attr::vacation_active) == "TRUE";
    if (!v.active) return v; // whose dates nobody follows
    v.start = minute_in(e, attr::vacation_start);
    v.end = minute_in(e, attr::vacation_end);
    return v;
}

class planner {
public:
    planner(directory& d, const vacation_options& options)
        : session_(d.session()), options_(options), now_(minute_at(options.as_of, d.site().zone)),
          base_(options.domain ? d.site().layout.domain(*options.domain) : d.site().layout.container()) {
        made_.can_wait = session_.schema().has_class(cls::vacation_waits);
    }

    vacation_plan make() && {
        const ldap::complete_entries all = session_.search({base_, ldap::scope::subtree, switched_on(),
                                                            {std::string(attr::object_class), std::string(attr::mail), std::string(attr::vacation_active), std::string(attr::vacation_start),
                                                             std::string(attr::vacation_end), std::string(attr::entry_uuid), std::string(attr::entry_csn)}});
        for (const ldap::entry& e : all) look_at(e);
        close_first();
        return std::move(made_);
    }

private:
    struct closing {
        local_minute end;
        planned_change change;
    };

    void close_first() {
        std::stable_sort(closings_.begin(), closings_.end(), [](const closing& a, const closing& b) { return a.end < b.end; });
        const std::size_t most = std::min(options_.most.value_or(closings_.size()), closings_.size());
        made_.left = closings_.size() - most;
        for (std::size_t i = 0; i < most; ++i) add(std::move(closings_[i].change));
    }

    filter switched_on() const {
        const auto on = filter::equal(attr::vacation_active, "TRUE");
        return filter::all_of({filter::equal(attr::object_class, cls::account),
                               made_.can_wait ? filter::any_of({on, filter::equal(attr::object_class, cls::vacation_waits)}) : on});
    }

    void look_at(const ldap::entry& e) {
        if (options_.stop && options_.stop()) throw error(error_kind::interrupted, "interrupted: nothing was changed");
        try {
            const auto v = window_of(e);
            if (v.active) ++made_.switched_on;
            settle(e, v);
        } catch (const invalid_value& fault) {
            made_.malformed.push_back({e.dn(), fmt::format("{}: {}", printable(account_of(e)), fault.what())});
        }
    }

    void settle(const ldap::entry& e, const vacation& v) {
        const auto phase = phase_of(v, now_);
        const bool is_marked = e.has_class(cls::vacation_waits), waits = phase == vacation_phase::waits;
        if (phase == vacation_phase::over) closings_.push_back({*v.end, change_of("closed", "its last minute was " + v.end->text(), e, true, {change::replace, std::string(attr::vacation_active), {"FALSE"}})});
        else if (waits && !made_.can_wait) ++made_.early;
        else if (waits && !is_marked) add(change_of("waiting", "its first minute is " + v.start->text(), e, false, marked(change::add)));
        else if (!waits && is_marked) add(change_of(v.active ? "opened" : "forgotten", why_not_waiting(v), e, false, marked(change::remove)));
    }

    static std::string why_not_waiting(const vacation& v) {
        if (!v.active) return "it was switched off";
        return v.start ? "its first minute was " + v.start->text() : "it has no first day";
    }

    static ldap::modification marked(change how) { return {how, std::string(attr::object_class), {std::string(cls::vacation_waits)}}; }

    void add(planned_change c) {
        auto& changes = made_.plan.changes;
        c.item = changes.size();
        changes.push_back(std::move(c));
    }

    static planned_change change_of(std::string_view action, std::string why, const ldap::entry& e, bool is_drastic, ldap::modification first) {
        ldap::modify_request request{.dn = e.dn(), .changes = {std::move(first)}, .guard = ldap::precondition::unchanged(e)};
        if (is_drastic && e.has_class(cls::vacation_waits)) request.changes.push_back(marked(change::remove));
        request.changes.push_back({change::replace, std::string(attr::last_change), {std::to_string(timestamp::now().epoch())}});
        return {.subject = account_of(e), .action = std::string(action), .why = std::move(why), .requests = {std::move(request)}, .drastic = is_drastic};
    }

    ldap::session& session_;
    const vacation_options& options_;
    local_minute now_;
    ldap::dn base_;
    vacation_plan made_{};
    std::vector<closing> closings_{};
};

} // namespace

vacation_plan plan_vacation_windows(directory& d, const vacation_options& options) {
    if (options.domain) d.get<domain>(*options.domain);
    else require_sight(d.session(), d.site());
    return planner(d, options).make();
}

} // namespace vmail
