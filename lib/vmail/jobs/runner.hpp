#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <vmail/directory.hpp>
#include <vmail/error.hpp>
#include <vmail/export.hpp>
#include <vmail/plan.hpp>
#include <vmail/ldap/entry.hpp>
#include <vmail/ldap/request.hpp>

namespace vmail {

/// For run_options::max_changes: no cap.
inline constexpr std::size_t unlimited_changes = std::numeric_limits<std::size_t>::max();

struct change_outcome;

/// How a plan is carried out. The functions are called on the thread of the run, and may be empty.
struct run_options {
    std::string job{};                      ///< what the journal calls it, "mailbox disable"
    std::filesystem::path journal_folder{}; ///< empty: no journal is kept
    bool past_failures = true;              ///< false: no wave of changes begins after one in which something was not done
    bool dry_run = false;                   ///< nothing is sent: each request goes to on_write alone, and counts as done
    /// The most changes that a run may make which the same command cannot take back. Nothing: the greater of 10 and 1 % of all mailboxes. A dry run may show any number.
    std::optional<std::size_t> max_changes{};
    std::size_t window = 32;                ///< requests in flight, 1 to 32
    std::function<bool(const plan&)> confirm{}; ///< asked once, before the first request of a plan that has one: false ends the run, nothing was sent
    std::function<void(const ldap::write_request&)> on_write{}; ///< each request before it is sent, or would be
    std::function<void(const change_outcome&)> audit{}; ///< what became of each change that was sent, also of its parts: for a record outside of this machine
    /// What is to be done outside of the directory before a change: called when nothing is in flight, before its first request leaves. What it throws is why the change
    /// is not done. Not in a dry run.
    std::function<void(const planned_change&)> before{};
    std::function<bool()> stop{};           ///< asked between changes: true ends the run cleanly
    std::optional<std::chrono::steady_clock::time_point> deadline{}; ///< no change begins after it
    std::function<void(std::size_t done, std::size_t all)> progress{};
};

/// What became of one change of a plan: for as long as the plan lives.
struct change_outcome {
    const planned_change& change;
    vmail::fate fate = vmail::fate::skipped;
    std::string sentence{};            ///< why, when there is something to say; safe to print
    std::optional<error> fault{};      ///< of one that is not good
    std::optional<ldap::entry> entry{}; ///< as the last write left it, where the server said so
};

/// What became of all changes of a run: each is counted once, under its fate.
struct VMAIL_EXPORT run_summary {
    std::size_t changes = 0, done = 0, unchanged = 0, conflict = 0, failed = 0, in_doubt = 0, unfinished = 0, skipped = 0;
    std::size_t parts = 0;                        ///< of bigger things, done; one that is not good is counted above like any other change
    std::map<std::string, std::size_t> actions{}; ///< of those done: how many were "created", "changed", ...
    std::optional<error> stopped{};               ///< what ended the run before its end
    std::optional<error> first_fault{};           ///< of the first change that is not good
    bool declined = false;                        ///< whoever was asked said no
    std::filesystem::path journal{};              ///< empty: nothing was written
    std::vector<plan_notice> notices{};           ///< what was seen at the end: domains that somebody else removes while something was added to them

    std::size_t count(fate f) const noexcept;
    bool all_good() const noexcept;
    bool anything_changed() const noexcept { return done + parts + unfinished + in_doubt > 0; }
    /// Throws what ended the run, or else what the first change that is not good failed with.
    void success() const;
};

/// Makes a plan for those of its subjects at which others were faster. What it returns must live until the run is over.
using second_look = std::function<const plan&(const std::vector<std::string>& subjects)>;

/// Carries plans out: the one place that decides the cap, the question, the journal, the order, the dry run and what became of a change.
///
/// A request is in the journal, on disk, before it leaves. Independent changes are in flight together, the requests of one follow each other. Each change is
/// reported once, when its fate is known. The directory's session belongs to the runner until finish(). One thread at a time.
class VMAIL_EXPORT runner {
public:
    /// The directory must outlive the runner. Who has said yes to `options.confirm` is not asked again. `report` may be empty; it is called outside of all requests, and may use the session.
    runner(directory& d, run_options options, std::function<void(const change_outcome&)> report);
    runner(const runner&) = delete;
    runner& operator=(const runner&) = delete;
    ~runner();

    /// May be called again with more of the same job: it is one run, with one journal and one summary. Throws limit_exceeded, before
    /// anything is sent, when the plan is over the cap. What goes wrong later is in the summary. Nothing once the run has stopped.
    void carry_out(const plan& p);
    /// The same of a plan that says how things are to be: what somebody else was faster at is neither counted nor reported, but looked at again and planned anew, a
    /// few times, as it may be as it should be by then.
    void carry_out(const plan& p, const second_look& again);
    bool stopped() const noexcept;
    /// Whether the last plan was out of date (plan::premise): nothing of it was done or reported.
    bool is_outdated() const noexcept;
    /// Ends the run. Throws conflict where the last plan was out of date.
    run_summary finish();

private:
    struct state;
    std::unique_ptr<state> state_;
};

/// One plan, from beginning to end. Throws limit_exceeded as runner::carry_out().
VMAIL_EXPORT run_summary run(directory& d, const plan& p, const run_options& options, const std::function<void(const change_outcome&)>& report = {});

/// The same of a plan that is made anew for as long as others are faster than it, with the question asked once. Throws what make() throws, and conflict when
/// that goes on for longer than anybody waits. What make() returns must live until this returns.
VMAIL_EXPORT run_summary run(directory& d, const std::function<const plan&()>& make, const run_options& options, const std::function<void(const change_outcome&)>& report = {});

/// The same with a second look, as runner::carry_out() has it.
VMAIL_EXPORT run_summary run(directory& d, const plan& p, const second_look& again, const run_options& options, const std::function<void(const change_outcome&)>& report = {});

/// The cap in force for a run of so many changes: what is given, or the greater of 10 and 1 % of all mailboxes, which are counted only when their number
/// decides.
VMAIL_EXPORT std::size_t cap_for(directory& d, std::size_t changes, const std::optional<std::size_t>& max_changes);
/// Throws limit_exceeded when so many changes are over it.
VMAIL_EXPORT void require_within_cap(directory& d, std::size_t changes, const std::optional<std::size_t>& max_changes);

} // namespace vmail
