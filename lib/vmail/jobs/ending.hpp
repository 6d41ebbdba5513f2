#pragma once

#include <string>

#include <vmail/error.hpp>

/// What ends a job before its end. Internal to the jobs.
namespace vmail::jobs {

/// The first reason is the one that counts.
template <typename Summary>
void stop(Summary& summary, const std::string& why, error_kind kind) {
    if (summary.stopped) return;
    summary.stopped = true;
    summary.stopped_why = why;
    summary.exit_status = exit_status(kind);
}

/// Whatever goes wrong now, nothing may hide what has been done: it becomes the reason in the summary.
template <typename Summary, typename Act>
void attempt(Summary& summary, const Act& act) {
    try {
        act();
    } catch (const error& e) {
        stop(summary, e.what(), e.kind());
    }
}

} // namespace vmail::jobs
