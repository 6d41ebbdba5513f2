#include "textfile.hpp"

namespace vmail::tools {

void write_textfile(prometheus_file& file, const run_result& r) {
    const auto add = [&](std::string_view name, std::string_view help, std::size_t n) { file.add_one(name, help, static_cast<std::int64_t>(n)); };
    const auto& sum = r.summary;
    // Of a run that only told, what it would do is no run: whoever watches for the last one must see that it did not come.
    if (const auto last = r.only_tells() ? r.last_look : std::optional(r.plan.as_of)) file.add_one("expire_last_run_timestamp_seconds", "When the last run looked for what has ended", last->epoch());
    add("expire_due", "Mailboxes and aliases whose time was up", r.due());
    add("expire_disabled", "Those that the run disabled", sum.done);
    add("expire_failed", "Those that it could not disable", sum.failed + sum.conflict + sum.skipped);
    add("expire_in_doubt", "Those of which nobody knows", sum.in_doubt);
    add("expire_malformed", "Ends that are no dates", r.plan.malformed.size());
    if (r.plan.memory) add("expire_within_week", "Mailboxes and aliases that end within a week", r.plan.memory->ahead(r.plan.as_of));
    file.commit();
}

} // namespace vmail::tools
