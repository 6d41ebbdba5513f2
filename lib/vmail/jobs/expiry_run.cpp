#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/printable.hpp>

#include <vmail/jobs/expiry_run.hpp>
#include <vmail/jobs/stored_end.hpp>
#include <vmail/layout.hpp>
#include <vmail/naming.hpp>
#include <vmail/schema.hpp>

namespace vmail {

namespace {

namespace attr = schema::attr;
using ldap::filter;

std::string account_of(const ldap::entry& e) {
    try {
        return printable(naming::address_text(e));
    } catch (const invalid_value&) {
        return e.dn().text();
    }
}

/// What makes the plan, the write and its guard.
std::vector<std::string> needed_attributes(std::string_view end) {
    constexpr std::array names = {attr::object_class, attr::mail, attr::account_active, attr::disabled_comment, attr::entry_uuid, attr::entry_csn};
    std::vector<std::string> all(names.begin(), names.end());
    all.emplace_back(end);
    return all;
}

constexpr std::size_t asked_for_at_once = 100; ///< names in one filter
constexpr std::size_t most_asked_for = 5000;   ///< for more, it is less work to look at all

class planner {
public:
    planner(directory& d, const expiry_options& options)
        : directory_(d), session_(d.session()), options_(options), end_(d.site()), author_(author_of(d.session().identity())),
          base_(options.domain ? d.site().layout.domain(*options.domain) : d.site().layout.container()),
          plan_{.as_of = options.as_of, .reasons_recorded = d.records_reasons()} {}

    expiry_plan make() && {
        end_.require_in(session_.schema());
        if (options_.domain) directory_.get<domain>(*options_.domain);
        if (!options_.keeps_memory) look_at_all();
        else if (const auto tree = tree_of_memory(); goes_on_from(options_.memory, tree)) look_at_changes();
        else {
            plan_.memory.emplace(tree, plan_.as_of);
            plan_.memory->saw(container_); // where nobody ends for a long time, nothing else tells that it is the same directory
            look_at_all();
        }
        return std::move(plan_);
    }

private:
    // ---- all

    void look_at_all() {
        plan_.how = end_.is_ordered_by(session_.schema()) ? expiry_search::range : expiry_search::pages;
        const bool is_range = plan_.how == expiry_search::range;
        const filter dated = is_range ? end_.ended_by(end_of_reach()) : filter::present(end_.attribute());
        search(dated);
        if (is_range) look_for_malformed(filter::all_of({in_service(), filter::present(end_.attribute()), filter::negation(dated)}));
    }

    /// What is kept in mind is read along with what has ended.
    timestamp end_of_reach() const { return plan_.memory ? timestamp(plan_.as_of.instant() + expiry_memory::reach) : plan_.as_of; }

    static filter in_service() { return filter::all_of({naming::mailbox_or_alias(), filter::equal(attr::account_active, "TRUE")}); }

    void search(const filter& what) {
        const ldap::complete_entries all = session_.search({base_, ldap::scope::subtree, filter::all_of({in_service(), what}), needed_attributes(end_.attribute())});
        for (const ldap::entry& e : all) look_at(e);
    }

    /// A thirteenth month is later than today to the server: nobody would hear of it until its time.
    void look_for_malformed(const filter& later) {
        session_.for_each({base_, ldap::scope::subtree, later, {std::string(attr::mail), std::string(end_.attribute()), std::string(attr::entry_uuid), std::string(attr::entry_csn)}}, [this](ldap::entry&& e) {
            require_running();
            try {
                end_.read(e);
            } catch (const invalid_value& fault) {
                report(e, fault);
            }
        });
    }

    // ---- what is new

    /// The container, whatever server it is on, and what decides when something ends.
    std::string tree_of_memory() {
        container_ = session_.get(base_, {std::string(attr::entry_uuid), std::string(attr::entry_csn)});
        return printable(fmt::format("{} {} {}", container_.first(attr::entry_uuid).value_or(""), end_.attribute(), directory_.site().zone.name()));
    }

    bool goes_on_from(const std::optional<expiry_memory>& last, const std::string& tree) {
        if (!last || !last->serves(tree, plan_.as_of) || !session_.schema().has_ordering(attr::entry_csn) || last->due(plan_.as_of, most_asked_for).size() > 1) return false;
        return !session_.search({base_, ldap::scope::subtree, last->witness(), ldap::no_attributes()}).empty();
    }

    void look_at_changes() {
        plan_.how = expiry_search::changes;
        plan_.memory = options_.memory;
        plan_.memory->look_again(plan_.as_of);
        for (const auto& batch : options_.memory->due(plan_.as_of, asked_for_at_once)) {
            std::vector<filter> any;
            for (const auto& uuid : batch) any.push_back(filter::equal(attr::entry_uuid, uuid));
            search(filter::all_of({filter::present(end_.attribute()), filter::any_of(any)}));
        }
        search(filter::all_of({filter::present(end_.attribute()), options_.memory->changed_since()}));
    }

    /// Whether it is met for the first time: what is due may have been changed, too.
    bool is_new(const ldap::entry& e) {
        const auto uuid = e.first(attr::entry_uuid);
        return plan_.how != expiry_search::changes || !uuid || seen_.insert(*uuid).second;
    }

    void keep_in_mind(const ldap::entry& e, std::optional<timestamp> end) {
        if (plan_.memory) plan_.memory->note(e, end);
    }

    void require_running() const {
        if (options_.stop && options_.stop()) throw error(error_kind::interrupted, "interrupted: nothing was changed");
    }

    void report(const ldap::entry& e, const invalid_value& fault) {
        keep_in_mind(e, std::nullopt);
        plan_.malformed.push_back({e.dn(), fmt::format("{}: {}", account_of(e), fault.what())});
    }

    void look_at(const ldap::entry& e) {
        require_running();
        if (!is_new(e)) return;
        ++plan_.dated;
        try {
            const expiry end = end_.read(e);
            keep_in_mind(e, end.at());
            if (!end.passed(plan_.as_of)) return;
            plan_.plan.changes.push_back({.subject = account_of(e),
                                          .action = "disabled",
                                          .why = "expired " + end.text(directory_.site().zone),
                                          .requests = {disabling(e)},
                                          .item = plan_.plan.changes.size()});
            plan_.ends.push_back(end);
        } catch (const invalid_value& fault) {
            report(e, fault);
        }
    }

    ldap::modify_request disabling(const ldap::entry& e) const {
        using ldap::change;
        const timestamp now = timestamp::now();
        ldap::modify_request request{.dn = e.dn(), .changes = {}, .guard = guard(e)};
        const auto replace = [&](std::string_view name, std::vector<std::string> values) {
            request.changes.push_back({change::replace, std::string(name), std::move(values)});
        };
        if (plan_.reasons_recorded && !e.has_class(schema::cls::state))
            request.changes.push_back({change::add, std::string(attr::object_class), {std::string(schema::cls::state)}});
        replace(attr::account_active, {"FALSE"});
        replace(attr::last_change, {std::to_string(now.epoch())});
        if (!plan_.reasons_recorded) return request;
        replace(attr::disabled_reason, {std::string(reason::expired)});
        replace(attr::disabled_by, {author_});
        replace(attr::disabled_at, {now.generalized()});
        if (e.has(attr::disabled_comment)) replace(attr::disabled_comment, {});
        return request;
    }

    /// The version says it all; the reason says it once more, to the server that judges.
    ldap::precondition guard(const ldap::entry& e) const {
        auto unchanged = ldap::precondition::unchanged(e);
        const auto still = [&](std::string_view name) {
            if (const auto value = e.first(name); value && session_.schema().has_equality(name)) unchanged.also.push_back(filter::equal(name, *value));
        };
        still(attr::account_active);
        still(end_.attribute());
        return unchanged;
    }

    directory& directory_;
    ldap::session& session_;
    const expiry_options& options_;
    jobs::stored_end end_;
    std::string author_;
    ldap::dn base_;
    ldap::entry container_{};
    expiry_plan plan_;
    std::set<std::string> seen_{}; ///< entryUUIDs
};

} // namespace

std::string_view name(expiry_search how) noexcept {
    switch (how) {
    case expiry_search::range: return "range";
    case expiry_search::pages: return "pages";
    case expiry_search::changes: break;
    }
    return "changes";
}

expiry_plan plan_expiry(directory& d, const expiry_options& options) { return planner(d, options).make(); }

} // namespace vmail
