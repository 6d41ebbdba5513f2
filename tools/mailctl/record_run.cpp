#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/jobs/record_plan.hpp>
#include <vmail/password.hpp>
#include <vmail/printable.hpp>
#include <vmail/schema.hpp>
#include <vmail/service.hpp>
#include <vmail/state.hpp>
#include <vmail/timestamp.hpp>

#include <cli/counted.hpp>

#include "password_flags.hpp"
#include "record_run.hpp"

namespace vmail::tools {

void add_continue_flag(CLI::App& verb, bool& continue_on_error) {
    verb.add_flag("--continue-on-error", continue_on_error, "do the others where the directory does not allow some; a file with a fault is refused as a whole all the same");
}

namespace {

std::string place_of(const std::string& file, const planned_change& c) { return c.line == 0 ? std::string() : exchange::place_in(file == "-" ? "standard input" : file, {c.line, 0}); }

} // namespace

void require_feasible(invocation& run, const plan& p, const std::string& file) {
    std::vector<const planned_change*> bad;
    for (const planned_change& c : p.changes)
        if (c.fault) bad.push_back(&c);
    if (bad.empty()) return;
    const error& first = *bad.front()->fault;
    const auto place = [&](const planned_change& c) { return place_of(file, c); };
    if (bad.size() == 1) throw error(first.kind(), place(*bad.front()) + run.explained(first, bad.front()->subject).what(), {.dn = first.dn(), .hint = first.hint(), .remedy = first.remedy(), .subject = first.subject()});
    constexpr std::size_t most_told = 20;
    for (std::size_t i = 0; i < std::min(most_told, bad.size()); ++i) run.err().warning(place(*bad[i]) + run.explained(*bad[i]->fault, bad[i]->subject).what());
    throw error(first.kind(), fmt::format("{} cannot be done, and nothing was", counted(bad.size(), "records")), {.hint = "--continue-on-error does the others"});
}

namespace {

record_plan_options options_of(invocation& run, const std::vector<exchange::record>& records, const record_run& how) {
    std::vector<std::string> names;
    for (const auto& r : records) names.push_back(r.name);
    return {.prune = how.prune, .update = how.update, .token = token_of(how.job, names), .lists_domain = run.configuration().lists_domain};
}

/// What the verbs ask about before they do it, and so a file does not do unasked.
class grave_changes {
public:
    explicit grave_changes(time_zone zone) : zone_(std::move(zone)) {}

    void see(const record_change& c) {
        for (const field_change& f : c.fields) {
            if (f.field == "disabled_reason") note_return(f);
            if (f.field == "expires") ends_ += is_past(f.after);
            if (c.how != record_change::kind::change) continue;
            if (f.field == "active") stopped_ += is_of_many(c.what) && f.after == exchange::value{false};
            if (f.field == "password_hash") ++passwords_;
        }
    }

    std::vector<std::string> clauses() const {
        std::vector<std::string> all;
        if (stopped_ > 0) all.push_back("stop " + (stopped_ == 1 ? std::string("1 domain or mailing list") : fmt::format("{} domains and mailing lists", stopped_)));
        if (ends_ > 0) all.push_back(fmt::format("let {} end in the past, so that the next expiry run disables {}", ends_, ends_ == 1 ? "it" : "them"));
        if (brought_back_ > 0) all.push_back(fmt::format("bring back {} disabled as {}", brought_back_, fmt::join(reasons_, " or ")));
        if (passwords_ > 1) all.push_back("replace " + counted(passwords_, "passwords")); // as "mailbox password" asks for several
        return all;
    }

private:
    static bool is_of_many(exchange::noun n) { return n == exchange::noun::domain || n == exchange::noun::mailing_list; }
    /// Of what a person, and not a job, has disabled for more than a while.
    void note_return(const field_change& f) {
        const auto* const before = std::get_if<std::string>(&f.before);
        if (before == nullptr || !std::holds_alternative<exchange::null>(f.after)) return;
        for (const std::string_view usual : {reason::manual, reason::expired, reason::domain, reason::removed})
            if (*before == usual) return;
        ++brought_back_;
        reasons_.insert(printable(*before));
    }
    bool is_past(const exchange::value& v) const {
        const auto* const text = std::get_if<std::string>(&v);
        return text != nullptr && expiry::parse(*text, zone_, now_).passed(now_);
    }

    time_zone zone_;
    timestamp now_ = timestamp::now();
    std::size_t ends_ = 0, stopped_ = 0, passwords_ = 0, brought_back_ = 0;
    std::set<std::string> reasons_{};
};

/// What "--hash" says of each hash, once for a file.
class hash_notes {
public:
    void see(const record_change& c) {
        for (const field_change& f : c.fields)
            if (const auto* const text = f.field == "password_hash" ? std::get_if<std::string>(&f.after) : nullptr) see(password_hash::from_attribute(*text));
    }

    void tell(invocation& run) const {
        if (locked_ == 1) run.err().note("no password matches one of the hashes: it locks its account");
        if (locked_ > 1) run.err().note(fmt::format("no password matches {} of the hashes: they lock their accounts", locked_));
        for (const auto& [scheme, module] : modules_) note_module(run, scheme, module);
    }

private:
    void see(const password_hash& hash) {
        if (hash.locked()) ++locked_;
        if (!hash.slapd_module().empty()) modules_.emplace(hash.scheme_name(), hash.slapd_module());
    }

    std::size_t locked_ = 0;
    std::map<std::string, std::string> modules_{}; ///< by scheme
};

bool makes_mailbox_without_password(const planned_change& c) {
    const auto is_without = [](const ldap::write_request& request) {
        const auto* const add = std::get_if<ldap::add_request>(&request);
        return add != nullptr && add->entry.has_class(schema::cls::account) && !add->entry.has(schema::attr::user_password);
    };
    return std::any_of(c.requests.begin(), c.requests.end(), is_without);
}

plan_run plan_run_of(const record_run& how) {
    return {.job = how.job, .field = "name", .plural = "records", .question = question::never, .max_changes = how.max_changes, .past_failures = how.continue_on_error, .journal_folder = how.journal_folder};
}

/// What no record is about was to be taken away, and somebody else has changed it meanwhile.
void leave_unnamed(plan& p, const std::vector<std::string>& subjects, const std::vector<exchange::record>& named) {
    std::size_t item = 0;
    for (const planned_change& c : p.changes) item = std::max(item, c.item + 1);
    for (const std::string& s : subjects) {
        if (std::any_of(named.begin(), named.end(), [&](const auto& r) { return ascii::iequals(r.name, s); })) continue;
        p.changes.push_back({.subject = s, .action = "", .fault = conflict(fmt::format("{}: somebody changed it meanwhile: it is left as it is", printable(s)), {}), .item = item++});
    }
}

/// Those that are about one of them.
std::vector<exchange::record> records_of(const std::vector<exchange::record>& all, const std::vector<std::string>& subjects) {
    std::set<std::string> wanted;
    for (const std::string& s : subjects) wanted.insert(ascii::to_lower(s));
    std::vector<exchange::record> found;
    std::copy_if(all.begin(), all.end(), std::back_inserter(found), [&](const auto& r) { return wanted.contains(ascii::to_lower(r.name)); });
    return found;
}

void ask_about(plan_run& carried, const record_run& how, const grave_changes& grave) {
    auto clauses = grave.clauses();
    carried.question = !clauses.empty() ? question::even_if_new : how.prune.kinds.empty() ? question::never : question::always;
    if (!how.prune.kinds.empty()) clauses.push_back(fmt::format("take away from {} what is not in the file", how.prune.domain->text()));
    carried.ask = fmt::format("carry out {{}}, and so {}?", fmt::join(clauses, " and "));
}

} // namespace

int carry_out_records(invocation& run, const std::vector<exchange::record>& records, const record_run& how, const new_password_flags& passwords) {
    new_passwords made(run, passwords);
    made.expect(records.size());
    plan_run carried = plan_run_of(how);
    record_plan_options options = options_of(run, records, how);
    if (made.are_wanted()) options.on_new_mailbox = [&](mailbox& m) { made.give(m); };
    grave_changes grave(run.directory().site().zone);
    hash_notes hashes;
    options.tell = [&](const record_change& c) {
        hashes.see(c);
        carried.details[c.name] = {{"kind", std::string(exchange::info_of(c.what).name)}};
        grave.see(c);
    };
    const plan p = plan_records(run.directory(), records, options);
    ask_about(carried, how, grave);
    if (!how.continue_on_error) require_feasible(run, p, how.file);
    if (made.are_wanted() && p.drastic() > 0) require_within_cap(run.directory(), p.drastic(), make_run_options(run, how.job, how.max_changes).max_changes);
    made.write(p);
    hashes.tell(run);
    std::size_t without_password = 0;
    carried.on_outcome = [&](const change_outcome& o) { without_password += o.fate == fate::done && makes_mailbox_without_password(o.change); };
    if (how.update && !made.are_wanted())
        carried.again = [&](const std::vector<std::string>& subjects) {
            record_plan_options later = options;
            later.prune = {};
            const auto named = records_of(records, subjects);
            plan anew = plan_records(run.directory(), named, later);
            leave_unnamed(anew, subjects, named);
            return anew;
        };
    const int status = carry_out(run, p, carried);
    note_without_password(run, without_password);
    return status;
}

std::vector<record_change> changes_of(invocation& run, const std::vector<exchange::record>& records, const record_run& how) {
    std::vector<record_change> changes;
    record_plan_options options = options_of(run, records, how);
    options.tell = [&](const record_change& c) { changes.push_back(c); };
    const plan p = plan_records(run.directory(), records, options);
    for (const plan_notice& n : p.notices) run.err().note(n.sentence);
    if (!how.continue_on_error) require_feasible(run, p, how.file);
    for (const planned_change& c : p.changes)
        if (c.fault) run.err().warning(place_of(how.file, c) + c.fault->what());
    return changes;
}

} // namespace vmail::tools
