#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/jobs/journal.hpp>
#include <vmail/printable.hpp>

#include "audit.hpp"
#include "counted.hpp"
#include "exit_status.hpp"
#include "max_changes.hpp"
#include "plan_run.hpp"
#include "terminal.hpp"
#include "write_log.hpp"

namespace vmail::tools {

namespace {

std::string replaced(std::string text, const std::string& what) {
    if (const auto at = text.find("{}"); at != std::string::npos) text.replace(at, 2, what);
    return text;
}

/// Those that are told one by one.
std::size_t count_things(const plan& p) {
    return static_cast<std::size_t>(std::count_if(p.changes.begin(), p.changes.end(), [](const planned_change& c) { return !c.part; }));
}

/// "bob@example.org", or "3 mailboxes".
std::string describe(const plan& p, std::string_view plural) {
    const std::size_t count = count_things(p);
    if (count != 1) return counted(count, plural);
    for (const planned_change& c : p.changes)
        if (!c.part) return printable(c.subject);
    return printable(p.changes.front().subject);
}

/// How much plans are together.
struct extent {
    std::size_t things = 0; ///< told one by one
    std::size_t items = 0, drastic = 0, others = 0;
    std::string one{};      ///< the name of it, or how many there are
};

/// The entries that change beside those that are named.
std::size_t count_others(const plan& p) {
    std::unordered_set<std::string_view> others;
    for (const planned_change& c : p.changes)
        if (c.part) others.insert(c.subject);
    for (const planned_change& c : p.changes)
        if (!c.part) others.erase(c.subject);
    return others.size();
}

extent extent_of(const plan& p, std::string_view plural) { return {count_things(p), p.items(), p.drastic(), count_others(p), p.empty() ? std::string() : describe(p, plural)}; }

void add(extent& all, const extent& part, std::string_view plural) {
    all.things += part.things;
    all.items += part.items;
    all.drastic += part.drastic;
    all.others += part.others;
    all.one = counted(all.things, plural);
}

/// What is said of any of those that are done.
std::vector<std::string_view> names_of_details(const plan_run& how) {
    std::vector<std::string_view> names;
    if (how.details.empty()) return names;
    for (const field& f : how.details.begin()->second) names.push_back(f.name);
    return names;
}

/// Because of what ended the run, and not for a reason of its own.
bool is_left_out(const change_outcome& o) { return o.fate == fate::skipped && o.fault && !o.change.fault; }

/// Because another change of the same thing was not done, which is told already.
bool is_consequence(const change_outcome& o) { return o.fate == fate::skipped && !o.fault; }

class plan_reporter {
public:
    plan_reporter(invocation& run, const plan& p, const plan_run& how, bool several)
        : run_(run), how_(how), said_(run, {.item_field = how.field, .details = names_of_details(how), .several = several}) {
        take(p);
    }

    /// What is told from now on is of this plan.
    void take(const plan& p) {
        with_parts_.clear();
        for (const planned_change& c : p.changes)
            if (c.part && !c.requests.empty()) with_parts_.insert(c.item);
    }

    void tell(const change_outcome& o) {
        if (how_.on_outcome) how_.on_outcome(o);
        if (is_consequence(o) && o.change.part) return run_.err().detail(fault_of(o).what());
        if (is_left_out(o) || is_consequence(o)) return said_.left_out(o.change.subject, fault_of(o));
        if (!is_good(o.fate)) return said_.failed(o.change.subject, fault_of(o));
        // A part is told where it would be lost otherwise: the requests of a dry run in JSON.
        const bool shows_part = run_.flags().dry_run && run_.writes_json();
        if (o.change.part && !shows_part) return tell_part(o);
        // What is as it should be has changed all the same when something of it does.
        const bool changed = o.fate == fate::done || (o.change.requests.empty() && !o.change.part && with_parts_.contains(o.change.item));
        outcome said{changed ? std::string_view(o.change.action) : "unchanged", changed};
        if (o.change.part || how_.field == "address") said.field = o.change.subject.find('@') == std::string::npos ? "domain" : "address";
        if (!o.change.part && changed) add_details(o, said);
        if (!o.sentence.empty()) run_.err().note(fmt::format("{}: {}", printable(o.change.subject), o.sentence));
        keep_as_ldif(o);
        said_.done(o.change.subject, said);
        show_ldif();
    }

    int finish(const run_summary& s, const extent& all) {
        show_ldif();
        for (const plan_notice& n : s.notices) run_.err().note(n.sentence);
        said_.finish(s.anything_changed());
        if (all.things > 1 || s.stopped) run_.err().note(fmt::format("{}{}: {}", counted(all.things, how_.plural), run_.flags().dry_run ? " (dry run)" : "", sum_up(s)));
        if (!s.journal.empty()) run_.err().detail(fmt::format("the journal is {}", printable(s.journal.native())));
        const int status = exit_status_of(s, all.items);
        if (s.stopped) run_.err().failure(*s.stopped, status);
        const bool pending = status == 0 && run_.flags().dry_run && run_.flags().detailed_exit_status && s.anything_changed();
        return pending ? changes_pending : status;
    }

private:
    void tell_part(const change_outcome& o) {
        run_.err().detail(fmt::format("{} {}", printable(o.change.subject), o.change.action));
        keep_as_ldif(o);
    }

    // A dry run has shown it already. What cannot be written ends the run, and a part is no place for that: it would leave the thing half done.
    void keep_as_ldif(const change_outcome& o) {
        if (run_.format() != output_format::ldif || run_.flags().dry_run || run_.flags().quiet || o.fate != fate::done) return;
        ldif_ += ldif_of(o);
    }

    void show_ldif() {
        if (ldif_.empty() || run_.out().bad()) return;
        run_.out() << std::exchange(ldif_, {});
        run_.out().flush();
    }

    void add_details(const change_outcome& o, outcome& said) const {
        if (const auto it = how_.details.find(o.change.subject); it != how_.details.end()) said.details = it->second;
    }

    invocation& run_;
    const plan_run& how_;
    report said_;
    std::string ldif_; ///< of what was done since the last thing was told
    std::unordered_set<std::size_t> with_parts_; ///< items
};

bool wants_to_know(const extent& all, question q) {
    if (q == question::even_if_new) return true;
    if (all.drastic == 0) return false;
    return q == question::always || (q != question::never && all.items > 1);
}

/// Whether it may go on.
bool ask(invocation& run, const extent& all, const plan_run& how) {
    if (!wants_to_know(all, how.question)) return true;
    if (how.question == question::for_several && !run.may_ask()) return true;
    std::string text = replaced(how.ask, all.one);
    if (all.others > 0) text += fmt::format(" ({} more {} with it)", all.others, all.others == 1 ? "entry changes" : "entries change");
    return run.confirm(text);
}

} // namespace

run_options make_run_options(invocation& run, const std::string& job, const std::optional<std::string>& max_changes) {
    run_options options{.job = job, .dry_run = run.flags().dry_run};
    if (!options.dry_run) options.journal_folder = journal_folder(run.configuration());
    if (max_changes) options.max_changes = parse_max_changes(*max_changes);
    if (!options.dry_run) options.audit = audit_of(run, job);
    options.on_write = [&run](const ldap::write_request& request) { run.see_write(request); };
    options.stop = was_interrupted;
    return options;
}

void prune_journals_of(invocation& run) {
    const configuration& c = run.configuration();
    if (const auto count = prune_journals(journal_folder(c), {c.journal_age, c.journal_bytes}); count > 0) run.err().detail(fmt::format("{} removed", counted(count, "old journals")));
}

namespace {

run_options options_of(invocation& run, const plan_run& how) {
    run_options options = make_run_options(run, how.job, how.max_changes);
    if (!how.journal_folder.empty() && !options.dry_run) options.journal_folder = how.journal_folder;
    options.past_failures = how.past_failures;
    options.before = how.before;
    options.confirm = [&](const plan& asked) { return ask(run, extent_of(asked, how.plural), how); };
    return options;
}

int finish(invocation& run, plan_reporter& reporter, const run_summary& summary, const extent& all) {
    if (!summary.journal.empty()) prune_journals_of(run);
    if (summary.declined) return some_failed;
    return reporter.finish(summary, all);
}

/// Each once, however often the plan is made.
void tell_notices(invocation& run, const plan& p, std::unordered_set<std::string>& told) {
    for (const plan_notice& n : p.notices)
        if (told.insert(n.sentence).second) run.err().note(n.sentence);
}

} // namespace

namespace {

/// Whoever looks first should know that the deed itself wants one more word.
void tell_cap(invocation& run, std::size_t drastic, const run_options& options) {
    if (!options.dry_run || drastic == 0) return;
    try {
        require_within_cap(run.directory(), drastic, options.max_changes);
    } catch (const limit_exceeded& e) {
        run.err().note(fmt::format("without --dry-run it is refused: one run may change fewer than these {}; --max-changes {} allows it", drastic, e.subject()));
    }
}

} // namespace

namespace {

/// One plan after the other, with one question and one sum.
int carry_out_with_more(invocation& run, const plan& p, const plan_run& how, const run_options& options, plan_reporter& reporter, std::unordered_set<std::string>& told) {
    runner r(run.directory(), options, [&](const change_outcome& o) { reporter.tell(o); });
    r.carry_out(p);
    extent all = extent_of(p, how.plural);
    while (!r.stopped()) {
        const plan next = how.more();
        if (next.empty()) break;
        tell_notices(run, next, told);
        reporter.take(next);
        r.carry_out(next);
        add(all, extent_of(next, how.plural), how.plural);
    }
    return finish(run, reporter, r.finish(), all);
}

} // namespace

int carry_out(invocation& run, const plan& p, const plan_run& how) {
    const run_options options = options_of(run, how);
    const extent all = extent_of(p, how.plural);
    tell_cap(run, all.drastic, options);
    remember_interrupts();
    std::unordered_set<std::string> told;
    tell_notices(run, p, told);
    plan_reporter reporter(run, p, how, all.things > 1);
    const auto tell = [&](const change_outcome& o) { reporter.tell(o); };
    if (how.more) return carry_out_with_more(run, p, how, options, reporter, told);
    if (!how.again) return finish(run, reporter, vmail::run(run.directory(), p, options, tell), all);
    plan anew;
    const second_look look = [&, again = how.again](const std::vector<std::string>& subjects) -> const plan& {
        anew = again(subjects); // a copy: planning may make another one of what it is a part of
        tell_notices(run, anew, told);
        reporter.take(anew);
        return anew;
    };
    return finish(run, reporter, vmail::run(run.directory(), p, look, options, tell), all);
}

int carry_out(invocation& run, const std::function<plan()>& make, const plan_run& how) {
    plan p;
    std::optional<plan_reporter> reporter;
    std::unordered_set<std::string> told;
    const auto make_anew = [&]() -> const plan& {
        p = make();
        tell_notices(run, p, told);
        reporter.emplace(run, p, how, count_things(p) > 1);
        return p;
    };
    remember_interrupts();
    const run_summary summary = vmail::run(run.directory(), make_anew, options_of(run, how), [&](const change_outcome& o) { reporter->tell(o); });
    return finish(run, *reporter, summary, extent_of(p, how.plural));
}

namespace {

/// Hands over the plan of each part. False from it ends that.
void for_each_part(std::span<const std::string> names, const part_planner& make, const std::function<bool(plan&&)>& take) {
    while (!names.empty() && take(make(names.first(std::min(names.size(), most_in_part))))) names = names.subspan(std::min(names.size(), most_in_part));
}

/// Whether it may be done, as it is planned now: all of it is looked at where that is a question.
bool may_be_done(invocation& run, std::span<const std::string> names, const part_planner& make, const plan_run& how, const run_options& options) {
    const bool is_asked = how.question != question::never && (how.question != question::for_several || run.may_ask());
    if (options.max_changes == unlimited_changes && (options.dry_run || !is_asked)) return true;
    extent all;
    for_each_part(names, make, [&](plan&& p) {
        if (was_interrupted()) throw error(error_kind::interrupted, "interrupted");
        add(all, extent_of(p, how.plural), how.plural);
        return true;
    });
    tell_cap(run, all.drastic, options);
    if (options.dry_run) return true;
    require_within_cap(run.directory(), all.drastic, options.max_changes);
    return ask(run, all, how);
}

/// What others were faster at is planned anew a few times, where the verb wants that.
void carry_out_part(runner& r, plan p, const plan_run& how, const std::function<void(const plan&)>& take) {
    take(p);
    if (!how.again) return r.carry_out(p);
    plan anew;
    r.carry_out(p, [&](const std::vector<std::string>& subjects) -> const plan& {
        anew = how.again(subjects);
        take(anew);
        return anew;
    });
}

} // namespace

int carry_out_in_parts(invocation& run, std::span<const std::string> names, const part_planner& make, const plan_run& how) {
    run_options options = options_of(run, how);
    remember_interrupts();
    if (!may_be_done(run, names, make, how, options)) return some_failed;
    options.max_changes = unlimited_changes; // seen to
    options.confirm = nullptr;
    extent all;
    std::unordered_set<std::string> told;
    std::optional<plan_reporter> reporter;
    runner r(run.directory(), options, [&](const change_outcome& o) { reporter->tell(o); });
    const auto take = [&](const plan& p) {
        tell_notices(run, p, told);
        if (reporter) reporter->take(p);
        else reporter.emplace(run, p, how, true);
    };
    for_each_part(names, make, [&](plan&& p) {
        add(all, extent_of(p, how.plural), how.plural);
        carry_out_part(r, std::move(p), how, take);
        return !r.stopped();
    });
    return finish(run, *reporter, r.finish(), all);
}

namespace {

/// What was in no plan is done without a word of what was asked for: that is told already.
int carry_out_latecomers(invocation& run, const plan& p, const plan_run& how) {
    run_options options = make_run_options(run, how.job, "none");
    const run_summary s = vmail::run(run.directory(), p, options, [&](const change_outcome& o) {
        if (o.fate == fate::done && run.format() == output_format::ldif && !run.flags().quiet) run.out() << ldif_of(o);
        if (!is_good(o.fate)) run.err().failure(fault_of(o));
        else if (o.fate == fate::done && o.change.action != "moved" && !o.change.requests.empty()) run.err().note(fmt::format(fmt::runtime(how.latecomer), printable(o.change.subject), o.change.action));
    });
    return exit_status_of(s, p.items());
}

} // namespace

int carry_out_with_latecomers(invocation& run, const plan& p, const plan_run& how, const std::function<plan()>& look) {
    constexpr int most_looks = 3;
    const int first = carry_out(run, p, how);
    const bool looks = first == 0 || (how.settles_conflicts && first == exit_status_of(error_kind::conflict));
    if (run.flags().dry_run || !looks) return first;
    int status = 0;
    for (int n = 0; status == 0 && n < most_looks; ++n) {
        const plan more = look();
        if (more.empty()) return first;
        status = carry_out_latecomers(run, more, how);
    }
    if (status != 0 || look().empty()) return first != 0 ? first : status;
    run.err().warning(fmt::format("{}: somebody goes on adding to it", how.job));
    return some_failed;
}

error fault_of(const change_outcome& o) {
    if (o.fate == fate::failed && o.fault) return *o.fault;
    const error_kind kind = o.fate == fate::conflict   ? error_kind::conflict
                            : o.fate == fate::in_doubt ? error_kind::in_doubt
                            : o.fault                  ? o.fault->kind()
                                                       : error_kind::unavailable;
    const std::string sentence = o.fate == fate::in_doubt && o.fault ? std::string(o.fault->what()) : fmt::format("{}: {}", printable(o.change.subject), o.sentence);
    return error(kind, sentence, {.dn = o.fault ? o.fault->dn() : "", .hint = o.fault ? o.fault->hint() : "", .remedy = o.fault ? o.fault->remedy() : remedy::none, .subject = o.fault ? o.fault->subject() : ""});
}

std::string ldif_of(const change_outcome& o) {
    std::string text;
    for (const ldap::write_request& request : o.change.requests) text += to_ldif(request);
    return text;
}

std::string sum_up(const run_summary& s) {
    std::string text;
    const auto add = [&](std::size_t count, std::string_view word) {
        if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, word);
    };
    for (const auto& [action, count] : s.actions) add(count, action);
    add(s.unchanged, "unchanged");
    add(s.conflict, "changed by somebody else meanwhile");
    add(s.failed, "failed");
    add(s.in_doubt, "in doubt");
    add(s.unfinished, "unfinished");
    add(s.skipped, "skipped");
    return text.empty() ? "nothing to do" : text;
}

int exit_status_of(const run_summary& s, std::size_t things) {
    if (was_interrupted() && s.stopped) return exit_status_of(error_kind::interrupted);
    if (s.in_doubt > 0) return exit_status_of(error_kind::in_doubt);
    if (s.stopped) return exit_status_of(s.stopped->kind());
    if (s.all_good()) return 0;
    return things == 1 && s.first_fault ? exit_status_of(s.first_fault->kind()) : some_failed;
}

std::string token_of(const std::string& job, const std::vector<std::string>& names) {
    std::string all = job;
    for (const std::string& n : names) all += '\n' + n;
    return fmt::format("{:016x}", ascii::ihash(all));
}

} // namespace vmail::tools
