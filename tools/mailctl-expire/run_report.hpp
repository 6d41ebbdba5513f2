#pragma once

#include <memory>
#include <string>

#include <vmail/error.hpp>
#include <vmail/jobs/expiry_run.hpp>

#include <cli/diagnostics.hpp>
#include <cli/fd_stream.hpp>

namespace vmail::tools {

/// What a run would do or did, to the end of it.
struct run_result {
    const expiry_plan* plan = nullptr; ///< none when there was no plan to be had
    expiry_summary summary{};
    bool dry_run = false;
    std::string journal{}; ///< its file, if anything was put down

    bool is_over_limit() const { return plan != nullptr && plan->due.size() > plan->limit; }
};

/// Tells what becomes of each mailbox, and at the end of the whole.
class run_report {
public:
    virtual ~run_report() = default;
    virtual void malformed(const unreadable_entry& e) = 0;
    virtual void due(const expiry_due& account) = 0; ///< in a dry run
    virtual void done(const expiry_item& item) = 0;
    virtual void finish(const run_result& result, int exit_status) = 0;
};

/// A line for each mailbox: "rossi@example.org  disabled  expired 2026-10-31". All must outlive the report.
std::unique_ptr<run_report> make_text_report(fd_stream& out, const diagnostics& err, const time_zone& zone);

/// One JSON object, {"version":1,"changed":...,"accounts":[...],...}; with `lines` an object for each mailbox, and then one for the whole.
std::unique_ptr<run_report> make_json_report(fd_stream& out, const time_zone& zone, bool lines);

} // namespace vmail::tools
