#include <algorithm>
#include <limits>
#include <memory>

#include <vmail/activity/account_name.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>
#include <vmail/timestamp.hpp>

#include <mailctl/entity_fields.hpp>

#include "handlers.hpp"
#include "kept.hpp"

namespace vmail::tools {

using namespace activity;

namespace {

using m = measure;

std::int64_t number(std::uint64_t n) { return static_cast<std::int64_t>(n); }
std::string moment(std::int64_t when) { return timestamp::from_epoch(when).rfc3339(); }

record record_of(const count_row& r) {
    record all = {{"account", r.of.account}, {"hour", moment(r.of.hour * 3600)}, {"host", r.of.host}};
    for (std::size_t i = 0; i < measures; ++i) all.push_back({measure_names[i], number(r.counts.numbers[i])});
    return all;
}

record record_of(const sighting& s) {
    return {{"account", s.of.account}, {"kind", std::string(sight_names[static_cast<std::size_t>(s.kind)])}, {"network", s.network.empty() ? value{} : value{s.network}}, {"number", number(s.number)},
            {"first", moment(s.first)}, {"last", moment(s.last)}, {"host", s.of.host}, {"reference", s.reference.empty() ? value{} : value{s.reference}}};
}

/// Of a row a column each for what is looked at most.
const std::vector<std::string_view> in_lists = {"account", "hour", "host", "logins_imap", "logins_pop3", "logins_submission", "failures", "messages", "recipients", "deferred", "bounced", "rejected", "received"};

template <typename Row> class row_list {
public:
    row_list(invocation& run, const std::vector<std::string_view>& shown) : run_(run), out_(make_output(run.format(), table_shape::rows, run.out())) {
        std::vector<std::string_view> all;
        for (const field& f : record_of(Row{})) all.push_back(f.name);
        names_ = choose_fields(all, shown.empty() ? all : shown, run.flags().fields, run.format(), table_shape::rows);
        out_->announce(names_);
    }
    void write(const Row& row) {
        record shown;
        for (const field& f : record_of(row))
            if (std::find(names_.begin(), names_.end(), f.name) != names_.end()) shown.push_back(f);
        out_->write(shown);
    }
    void finish() { out_->finish(); }

private:
    invocation& run_;
    std::unique_ptr<output> out_;
    std::vector<std::string_view> names_{};
};

/// All that a mailbox may log in with, where the directory tells; else the name alone.
std::vector<std::string> names_of(const std::vector<std::string>& given, reachable_roster& accounts) {
    std::vector<std::string> all;
    for (const std::string& text : given) {
        const auto name = account_name(text);
        const person* const p = accounts.get() != nullptr ? accounts.get()->find(name) : nullptr;
        const auto more = p != nullptr ? p->names : std::vector{name};
        for (const std::string& one : more)
            if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
    }
    return all;
}

} // namespace

int show_activity(invocation& run, const activity_show_flags& flags) {
    const auto span = span_since(flags.since, timestamp::now().epoch());
    const store kept = open_store(run);
    reachable_roster accounts(run);
    const auto names = names_of(flags.accounts, accounts);
    std::optional<row_list<count_row>> hours;
    std::optional<row_list<sighting>> networks;
    row_visitor visit;
    if (flags.networks) {
        networks.emplace(run, std::vector<std::string_view>{});
        visit.on_sighting = [&](const sighting& s) { networks->write(s); };
    } else {
        hours.emplace(run, in_lists);
        visit.on_counts = [&](const count_row& r) { hours->write(r); };
    }
    for (const std::string& name : names) kept.each_of(name, span.from, visit);
    flags.networks ? networks->finish() : hours->finish();
    return 0;
}

// ---- for report

namespace {

/// What is no address is the login of a mailbox, where the directory knows one.
std::string address_or_login(const std::string& account, roster* accounts) {
    const person* const p = accounts != nullptr && account.find('@') == std::string::npos ? accounts->find(account) : nullptr;
    return p != nullptr ? p->who.text() : account;
}

} // namespace

/// In the form of the file that Dovecot's plugin last_login keeps.
int write_logins(invocation& run, const no_flags&) {
    const store kept = open_store(run);
    std::vector<last_use> reads;
    std::vector<std::string> logins;
    kept.each(std::numeric_limits<std::int64_t>::min() / 2, {.on_use = [&](const last_use& u) {
        if (u.kind != use::read || u.account == unreadable_name || u.account.find('/') != std::string::npos) return;
        reads.push_back(u);
        if (u.account.find('@') == std::string::npos) logins.push_back(u.account);
    }});
    std::optional<reachable_roster> accounts;
    if (!logins.empty()) accounts.emplace(run);
    if (accounts && accounts->get() != nullptr) accounts->get()->expect(logins);
    for (const last_use& u : reads) run.out() << "shared/last-login/" << address_or_login(u.account, accounts ? accounts->get() : nullptr) << '\n' << u.when << '\n';
    return 0;
}

} // namespace vmail::tools
