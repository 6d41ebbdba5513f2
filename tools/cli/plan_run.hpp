#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/jobs/runner.hpp>
#include <vmail/plan.hpp>

#include "invocation.hpp"
#include "record.hpp"
#include "report.hpp"

namespace vmail::tools {

/// Whether a person is asked before a command changes something.
enum class question {
    never,
    for_several,       ///< a person who is there, before more than one thing changes; nobody is there: the cap has to do
    for_several_or_no, ///< the same; nobody is there: it is refused without --yes
    always,            ///< and refused without --yes where nobody is there
    even_if_new,       ///< the same, also where nothing is taken away
};

/// How many things are planned at once where each stands on its own.
inline constexpr std::size_t most_in_part = 1000;

/// How a verb's plan is carried out, beside what the plan says itself.
struct plan_run {
    std::string job;           ///< the journal's name, "mailbox disable"
    std::string_view field;    ///< what the first field of a record is called, "address"
    std::string_view plural;   ///< what several of them are, "mailboxes"
    std::string ask{};         ///< "disable {}?": asked with the name of the one, or "3 mailboxes", in the place of {}
    tools::question question = tools::question::for_several;
    std::optional<std::string> max_changes{};    ///< --max-changes
    std::map<std::string, record> details{};     ///< by subject: what else is said of one that is done
    bool past_failures = true;                   ///< run_options::past_failures
    std::function<void(const change_outcome&)> on_outcome{}; ///< hears of each as well
    std::function<void(const planned_change&)> before{}; ///< run_options::before
    std::string journal_folder{};                ///< empty: the settings'
    std::string latecomer = "{} has come meanwhile, and is {} as well"; ///< what a note says of one that a second look found, and what became of it
    bool settles_conflicts = false;              ///< carry_out_with_latecomers() looks again also where somebody else was faster
    bool looks_again = false; ///< of a verb that says how things are to be: what somebody else was faster at may be so by then
    /// Plans those anew.
    std::function<plan(const std::vector<std::string>& subjects)> again{};
    /// What is to follow a plan that has ended, of the same run: asked until there is nothing.
    std::function<plan()> more{};
};

/// Carries the plan out, or with --dry-run shows it, and says of each thing asked for what became of it; a line that sums up ends more than one. Returns the exit
/// status: 0; that of the one thing's failure, or of what ended the run; 74 when something is in doubt; 1 when some of several failed; 2 with --detailed-exitcode
/// when a dry run found something to do.
int carry_out(invocation& run, const plan& p, const plan_run& how);

/// The same of a plan that is made anew while others are faster (vmail::run): `make` may fill `how` as it plans.
int carry_out(invocation& run, const std::function<plan()>& make, const plan_run& how);
/// Plans what is asked of these names.
using part_planner = std::function<plan(std::span<const std::string> names)>;

/// The same of more things than are planned at once, each of which stands on its own: one run, and no more than one part of it in memory. All of it is planned before,
/// part by part, to know how much it is: the cap and the question are about all of it. `make` may fill `how` as it plans.
int carry_out_in_parts(invocation& run, std::span<const std::string> names, const part_planner& make, const plan_run& how);

/// The same of a rename, and then of what has come while it was carried out, as `look` plans it: each is told in a note. Until nothing has come any more, or a
/// few times; then a warning tells that there is more, and the status is 1.
int carry_out_with_latecomers(invocation& run, const plan& p, const plan_run& how, const std::function<plan()>& look);

/// The options that every run has, from flags and settings.
run_options make_run_options(invocation& run, const std::string& job, const std::optional<std::string>& max_changes);

/// Takes journals away that are older, or more, than the settings say: by each run that has written one.
void prune_journals_of(invocation& run);

/// What became of it, as an error: for diagnostics and JSON.
error fault_of(const change_outcome& o);

/// What was sent, as LDIF.
std::string ldif_of(const change_outcome& o);

/// "2 changed, 1 unchanged, 1 failed".
std::string sum_up(const run_summary& s);

/// The status that the summary ends with; `things` is how many were asked for.
int exit_status_of(const run_summary& s, std::size_t things);

/// A command's name for a cut run to be recognised by: the same for the same job and names.
std::string token_of(const std::string& job, const std::vector<std::string>& names);

} // namespace vmail::tools
