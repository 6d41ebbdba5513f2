#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include <vmail/ascii.hpp>

#include <vmail/jobs/site_report.hpp>
#include <vmail/routing_targets.hpp>
#include <vmail/schema.hpp>

namespace vmail {

namespace {

bool is_active(std::string_view state) { return state == service_word::active || state == service_word::overdue; }

constexpr std::size_t length_of_month = 7;

/// Of the last day.
std::string month_of(const expiry& end, const time_zone& zone) { return end.text(zone).substr(0, length_of_month); }

class reporter {
public:
    reporter(directory& d, const report_options& options) : directory_(d), options_(options) {}

    site_report report() && {
        read_domains();
        all_.has_mail = options_.mail != nullptr;
        if (all_.has_mail) directory_.read_also(schema::attr::create_timestamp);
        each<mailbox>([this](const stored<mailbox>& m) {
            take(m.value);
            if (all_.has_mail && !m->removed) look_at_mail(m);
        });
        if (all_.has_mail) options_.mail->finish();
        each<alias>([this](const stored<alias>& a) { take(a); });
        for (auto& [name, row] : rows_) all_.domains.push_back(std::move(row));
        std::sort(all_.domains.begin(), all_.domains.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
        return std::move(all_);
    }

private:
    /// All of them: what is outside is told by what is not here.
    void read_domains() {
        if (options_.domain) directory_.get<domain>(*options_.domain);
        directory_.for_each<domain>(
            {.removed = true},
            [this](stored<domain>&& d) {
                states_.add(d.value);
                const bool wanted = !options_.domain || *options_.domain == d->name;
                here_.insert(d->name.text());
                if (wanted) row_of(d->name).status = service_of(d.value).why;
            },
            [this](unreadable_entry&& e) { all_.unreadable.push_back(std::move(e)); });
    }

    template <typename Entity> void each(const std::function<void(const stored<Entity>&)>& visit) {
        directory_.for_each<Entity>({.domain = options_.domain, .removed = true}, [&](stored<Entity>&& e) { visit(e); }, [this](unreadable_entry&& e) { all_.unreadable.push_back(std::move(e)); });
    }

    domain_report& row_of(const domain_name& name) {
        auto& row = rows_[name.text()];
        if (row.name.empty()) row.name = name.text();
        return row;
    }

    void take(const mailbox& m) {
        auto& row = row_of(m.address.domain());
        const auto state = service_of(m, states_.of(m.address.domain()), options_.now);
        ++row.states[state.why];
        note_months(m, state);
        if (m.removed) return;
        ++row.mailboxes;
        if (state.why == service_word::active && m.expires && m.expires->at().instant() <= options_.now.instant() + options_.soon) ++row.ending_soon;
        note_forward(row, m);
        const auto bytes = m.quota ? m.quota->bytes() : std::nullopt;
        row.quota_bytes = add_saturating(row.quota_bytes, bytes.value_or(0));
        if (!bytes) ++row.without_quota;
    }

    /// What answers later needs no more of the entry than this.
    void look_at_mail(const stored<mailbox>& m) {
        options_.mail->add(m.value, [this, who = m->address, made = made_at(m)](const mail_usage& u) {
            note_mail(row_of(who.domain()).mail, u, made);
            if (options_.on_mail) options_.on_mail(who, u);
        });
    }

    void note_mail(mail_report& row, const mail_usage& u, const std::optional<timestamp>& made) const {
        if (u.size) row.used_bytes = add_saturating(row.used_bytes, u.size->bytes);
        else ++row.not_measured;
        const auto verdict = judge_use(u, made, options_.now, options_.idle);
        if (verdict == use_verdict::never) ++row.never_used;
        if (verdict == use_verdict::idle) ++row.idle;
        if (verdict == use_verdict::unknown) ++row.use_unknown;
    }

    void note_forward(domain_report& row, const mailbox& m) {
        if (!m.forward.active) return;
        ++row.forwards;
        const auto targets = m.forward.elsewhere(m.address);
        if (std::any_of(targets.begin(), targets.end(), [this](const maildrop& t) { return leads_outside(t.text()); })) ++row.forwards_outside;
    }

    bool leads_outside(const std::string& target) const {
        const auto name = routing::domain_of(target);
        return name && !here_.contains(*name);
    }

    void note_months(const mailbox& m, const service_state& state) {
        const time_zone& zone = directory_.site().zone;
        if (m.created) ++all_.months[month_of(*m.created, zone)].created;
        if (m.expires && !m.removed) ++all_.months[month_of(*m.expires, zone)].ends;
        if (state.why == service_word::expired && state.since) ++all_.months[month_of(*state.since, zone)].expired;
        if (m.removed_at) ++all_.months[month_of(*m.removed_at, zone)].removed;
    }

    void take(const stored<alias>& a) {
        auto& row = row_of(a->address.domain());
        const bool is_list = a.source.has_class(schema::cls::mailing_list);
        if (is_list) ++row.lists;
        else ++row.aliases;
    }

    directory& directory_;
    const report_options& options_;
    site_report all_;
    domain_states states_{};
    std::unordered_set<std::string> here_; ///< all domains, also those that the report is not about
    std::unordered_map<std::string, domain_report> rows_;
};

} // namespace

std::size_t domain_report::in_state(std::string_view word) const {
    const auto it = states.find(word);
    return it == states.end() ? 0 : it->second;
}

std::size_t domain_report::active() const {
    std::size_t sum = 0;
    for (const auto& [state, count] : states) sum += is_active(state) ? count : 0;
    return sum;
}

std::size_t domain_report::stopped() const {
    std::size_t sum = 0;
    for (const auto& [state, count] : states)
        if (!is_active(state) && state != service_word::expired && state != service_word::removed) sum += count;
    return sum;
}

std::string month_of(timestamp t, const time_zone& zone) { return t.local_text(zone).substr(0, length_of_month); }

site_report report_on(directory& d, const report_options& options) { return reporter(d, options).report(); }

} // namespace vmail
