#pragma once

#include <memory>
#include <optional>
#include <string>

#include <vmail/error.hpp>
#include <vmail/jobs/expiry_run.hpp>
#include <vmail/jobs/runner.hpp>

#include <cli/diagnostics.hpp>
#include <cli/fd_stream.hpp>

namespace vmail::tools {

/// What a run would do or did, to the end of it.
struct run_result {
    const expiry_plan& plan;
    std::size_t limit = 0; ///< the cap in force
    run_summary summary{};
    bool dry_run = false;
    bool is_unknown = false;                ///< the first run on this directory, and something is due: it only tells
    bool is_overdue = false;                ///< more runs than a few did not come
    std::optional<timestamp> last_look{};   ///< of the run before, where there was one

    bool only_tells() const noexcept { return dry_run || is_unknown; }
    std::size_t due() const { return plan.plan.changes.size(); }
    bool is_over_limit() const { return due() > limit; }
};

/// Something whose time is up, and when that was.
struct due_account {
    const planned_change& change;
    const expiry& end;
};

/// Tells what becomes of each mailbox, and at the end of the whole.
class run_report {
public:
    virtual ~run_report() = default;
    virtual void malformed(const unreadable_entry& e) = 0;
    virtual void due(const due_account& account) = 0; ///< in a dry run
    virtual void done(const due_account& account, const change_outcome& o) = 0;
    virtual void finish(const run_result& result, int exit_status) = 0;
};

/// A line for each mailbox: "rossi@example.org  disabled  expired 2026-10-31". All must outlive the report.
std::unique_ptr<run_report> make_text_report(fd_stream& out, const diagnostics& err);

/// One JSON object, {"version":1,"changed":...,"accounts":[...],...}; with `lines` an object for each mailbox, and then one for the whole.
std::unique_ptr<run_report> make_json_report(fd_stream& out, const time_zone& zone, bool lines);

} // namespace vmail::tools
