#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/ldap/filter.hpp>
#include <vmail/ldap/pipeline.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/printable.hpp>

#include <vmail/jobs/ending.hpp>
#include <vmail/jobs/expiry_run.hpp>
#include <vmail/layout.hpp>
#include <vmail/naming.hpp>
#include <vmail/schema.hpp>

namespace vmail {

namespace {

namespace attr = schema::attr;
using ldap::filter;

constexpr std::size_t always_allowed = 10;
constexpr std::size_t allowed_share = 100; ///< one in so many accounts
constexpr int no_such_object = 32, assertion_failed = 122;

/// How a site stores the end of a mailbox.
class stored_end {
public:
    explicit stored_end(const site& s) : site_(s), is_date_(s.expiry_storage == expiry_storage::expire_date) {}

    std::string_view attribute() const noexcept { return is_date_ ? attr::expire_date : attr::mailbox_expiration; }

    /// 14 digits order alike as numbers and as texts, days do not.
    bool is_ordered_by(const ldap::subschema& schema) const {
        return is_date_ ? schema.has_ordering(attribute()) : schema.orders_integers(attribute());
    }

    /// Matches all that has ended; days also match what ends later on the same day.
    filter ended_by(timestamp now) const {
        return filter::less_or_equal(attribute(), is_date_ ? now.digits() : expiry(now).to_days(site_.zone));
    }

    /// Throws invalid_value.
    expiry read(const ldap::entry& e) const {
        const auto* const values = e.find(attribute());
        if (values == nullptr || values->size() != 1) throw invalid_value(fmt::format("{} has {} values", attribute(), values == nullptr ? 0 : values->size()));
        return is_date_ ? expiry::from_attribute(values->front()) : expiry::from_days(values->front(), site_.zone);
    }

private:
    const site& site_;
    bool is_date_;
};

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

class planner {
public:
    planner(directory& d, const expiry_options& options)
        : session_(d.session()), options_(options), end_(d.site()),
          base_(options.domain ? d.site().layout.domain(*options.domain) : d.site().layout.container()), plan_{.as_of = options.as_of} {}

    expiry_plan make() && {
        if (!session_.schema().has_attribute(end_.attribute())) // such a search finds nothing, with success
            throw error(error_kind::configuration, fmt::format("the server's schema has no attribute {}", end_.attribute()),
                        {.hint = "load the mail schema into the server, or name the attribute that holds the ends of mailboxes (expiry-attribute in mailctl.conf)"});
        plan_.how = end_.is_ordered_by(session_.schema()) ? expiry_search::range : expiry_search::pages;
        const filter dated = plan_.how == expiry_search::range ? end_.ended_by(plan_.as_of) : filter::present(end_.attribute());
        const filter active = filter::equal(attr::account_active, "TRUE");
        each_account({active, dated}, needed_attributes(end_.attribute()), [this](ldap::entry&& e) { look_at(std::move(e)); });
        plan_.limit = limit();
        return std::move(plan_);
    }

private:
    /// Throws when not all of them came: what is gathered meanwhile never leaves this class then.
    std::size_t each_account(std::vector<filter> conditions, std::vector<std::string> attributes, const std::function<void(ldap::entry&&)>& visit) {
        conditions.insert(conditions.begin(), filter::equal(attr::object_class, schema::cls::account));
        try {
            return session_.for_each({base_, ldap::scope::subtree, filter::all_of(conditions), std::move(attributes)}, visit);
        } catch (const not_found&) {
            if (!options_.domain) throw;
            throw not_found(fmt::format("there is no domain {}", options_.domain->text()), {.dn = base_.text()});
        }
    }

    void look_at(ldap::entry&& e) {
        if (options_.stop && options_.stop()) throw error(error_kind::interrupted, "interrupted: nothing was changed");
        ++plan_.dated;
        try {
            const expiry end = end_.read(e);
            if (!end.passed(plan_.as_of)) return;
            std::string account = account_of(e);
            plan_.due.push_back({std::move(account), end, std::move(e)});
        } catch (const invalid_value& fault) {
            plan_.malformed.push_back({e.dn(), fmt::format("{}: {}", account_of(e), fault.what())});
        }
    }

    /// The accounts are counted only when their number decides.
    std::size_t limit() {
        if (options_.max_changes) return *options_.max_changes;
        if (plan_.due.size() <= always_allowed) return always_allowed;
        const std::size_t accounts = each_account({}, {"1.1"}, [](ldap::entry&&) {});
        return std::max(always_allowed, accounts / allowed_share);
    }

    ldap::session& session_;
    const expiry_options& options_;
    stored_end end_;
    ldap::dn base_;
    expiry_plan plan_;
};

class runner {
public:
    runner(directory& d, const expiry_options& options, const std::function<void(const expiry_item&)>& report)
        : options_(options), report_(report), end_(d.site()), schema_(d.session().schema()), author_(author_of(d.session().identity())), pipeline_(d.session()) {
        summary_.reasons_recorded = d.records_reasons();
        if (options_.journal) pipeline_.before_sending([this] { options_.journal->flush(); });
    }

    expiry_summary run(const expiry_plan& plan) && {
        summary_.due = plan.due.size();
        summary_.malformed = plan.malformed.size();
        fates_.resize(plan.due.size());
        jobs::attempt(summary_, [&] { send(plan); });
        jobs::attempt(summary_, [&] { pipeline_.drain(); });
        if (options_.journal) jobs::attempt(summary_, [this] { options_.journal->flush(); });
        deliver();
        skip_the_rest(plan);
        return std::move(summary_);
    }

private:
    void send(const expiry_plan& plan) {
        for (std::size_t i = 0; i < plan.due.size(); ++i) {
            if (options_.stop && options_.stop()) return jobs::stop(summary_, "interrupted", error_kind::interrupted);
            submit(plan.due[i], fates_[i]);
            deliver();
        }
    }

    void submit(const expiry_due& due, std::optional<expiry_fate>& fate) {
        const ldap::write_request request = disabling(due);
        if (options_.on_write) options_.on_write(request);
        const std::size_t number = options_.journal ? options_.journal->intend(request) : 0;
        pipeline_.submit(request, [this, &due, &fate, number](const ldap::write_request&, const ldap::write_result& r) {
            if (options_.journal) options_.journal->record(number, r);
            std::string sentence;
            fate = fate_of(due, r, sentence);
            finished_.push_back({due, *fate, std::move(sentence)});
        });
    }

    ldap::modify_request disabling(const expiry_due& due) const {
        using ldap::change;
        const timestamp now = timestamp::now();
        ldap::modify_request request{.dn = due.source.dn(), .changes = {}, .guard = guard(due.source)};
        const auto replace = [&](std::string_view name, std::vector<std::string> values) {
            request.changes.push_back({change::replace, std::string(name), std::move(values)});
        };
        if (summary_.reasons_recorded && !due.source.has_class(schema::cls::state))
            request.changes.push_back({change::add, std::string(attr::object_class), {std::string(schema::cls::state)}});
        replace(attr::account_active, {"FALSE"});
        replace(attr::last_change, {std::to_string(now.epoch())});
        if (!summary_.reasons_recorded) return request;
        replace(attr::disabled_reason, {std::string(reason::expired)});
        replace(attr::disabled_by, {author_});
        replace(attr::disabled_at, {now.generalized()});
        if (due.source.has(attr::disabled_comment)) replace(attr::disabled_comment, {});
        return request;
    }

    /// The version says it all; the reason says it once more, to the server that judges.
    ldap::precondition guard(const ldap::entry& e) const {
        auto unchanged = ldap::precondition::unchanged(e);
        const auto still = [&](std::string_view name) {
            if (const auto value = e.first(name); value && schema_.has_equality(name)) unchanged.also.push_back(filter::equal(name, *value));
        };
        still(attr::account_active);
        still(end_.attribute());
        return unchanged;
    }

    static expiry_fate fate_of(const expiry_due& due, const ldap::write_result& r, std::string& sentence) {
        if (r.outcome == ldap::outcome::done) {
            if (r.settled) sentence = "the answer was lost; the entry shows that it was done";
            return expiry_fate::disabled;
        }
        const bool refused = r.outcome == ldap::outcome::not_done;
        if (refused && (r.result.code == assertion_failed || r.result.code == no_such_object)) {
            sentence = r.result.code == assertion_failed ? "somebody changed it meanwhile: it is left to the next run" : "it is gone";
            return expiry_fate::changed_meanwhile;
        }
        try {
            r.success("disable", due.source.dn());
        } catch (const error& e) {
            sentence = e.what();
        }
        return refused ? expiry_fate::failed : expiry_fate::in_doubt;
    }

    /// Outside of the pipeline: what the caller does with it must not come between a request and its answer.
    void deliver() {
        for (expiry_item& item : std::exchange(finished_, {})) tell(std::move(item));
    }

    void skip_the_rest(const expiry_plan& plan) {
        for (std::size_t i = 0; i < plan.due.size(); ++i)
            if (!fates_[i]) tell({plan.due[i], expiry_fate::skipped, summary_.stopped_why});
    }

    void tell(expiry_item&& item) {
        ++counter(item.fate);
        if (report_) report_(item);
    }

    std::size_t& counter(expiry_fate fate) {
        switch (fate) {
        case expiry_fate::disabled: return summary_.disabled;
        case expiry_fate::changed_meanwhile: return summary_.changed_meanwhile;
        case expiry_fate::failed: return summary_.failed;
        case expiry_fate::in_doubt: return summary_.in_doubt;
        case expiry_fate::skipped: break;
        }
        return summary_.skipped;
    }

    const expiry_options& options_;
    const std::function<void(const expiry_item&)>& report_;
    stored_end end_;
    const ldap::subschema& schema_;
    std::string author_;
    ldap::pipeline pipeline_;
    std::vector<std::optional<expiry_fate>> fates_; ///< of the plan's mailboxes, in its order
    std::vector<expiry_item> finished_;
    expiry_summary summary_;
};

} // namespace

std::string_view name(expiry_search how) noexcept { return how == expiry_search::range ? "range" : "pages"; }

std::string_view name(expiry_fate fate) noexcept {
    constexpr std::array<std::string_view, 5> names = {"disabled", "changed_meanwhile", "failed", "in_doubt", "skipped"};
    return names[static_cast<std::size_t>(fate)];
}

void expiry_plan::check_limit() const {
    if (due.size() <= limit) return;
    throw limit_exceeded(fmt::format("{} mailboxes are due, and one run may disable {}: nothing was changed", due.size(), limit),
                         {.hint = fmt::format("look at the list with --dry-run; if it is right, allow it with --max-changes {}", due.size())});
}

expiry_plan plan_expiry(directory& d, const expiry_options& options) { return planner(d, options).make(); }

expiry_summary run_expiry(directory& d, const expiry_plan& plan, const expiry_options& options, const std::function<void(const expiry_item&)>& report) {
    plan.check_limit();
    return runner(d, options, report).run(plan);
}

} // namespace vmail
