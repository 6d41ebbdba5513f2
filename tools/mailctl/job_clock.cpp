#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>

#include <vmail/error.hpp>
#include <vmail/jobs/expiry_memory.hpp>
#include <vmail/jobs/machine_clock.hpp>
#include <vmail/jobs/state_file.hpp>
#include <vmail/timestamp.hpp>

#include <cli/job_files.hpp>

#include "job_clock.hpp"

namespace vmail::tools {

namespace {

/// When the last run was, as far as that is kept and makes sense.
std::optional<timestamp> last_run(invocation& run, const std::filesystem::path& file) {
    const auto text = jobs::read_state(file);
    if (!text) return std::nullopt;
    try {
        return timestamp::parse_generalized(text->substr(0, text->find('\n')));
    } catch (const invalid_value&) {
        set_aside_damaged(run.err(), file, "when the last run was is not known");
        return std::nullopt;
    }
}

} // namespace

void require_good_clock(invocation& run, std::string_view job, bool is_accepted) {
    const auto& c = run.configuration();
    const auto file = state_folder(c) / job_file(c, job, "state");
    const auto now = timestamp::now();
    std::optional<timestamp> last = last_run(run, file);
    if (const auto expiry = expiry_memory::read(state_folder(c) / job_file(c, "mailctl-expire", "state")); expiry && (!last || *last < expiry->looked_at())) last = expiry->looked_at();
    // The jobs of a night are no faster than that where the expiry run is.
    const auto longest_pause = 10 * std::max<std::chrono::seconds>(c.expiry_period, std::chrono::days(1));
    if (!is_accepted) require_plausible_clock(run.directory(), now, last, longest_pause);
    if (!is_accepted && !last) require_recent_change(run.directory(), now, longest_pause);
    jobs::write_state(file, now.generalized() + '\n');
}

} // namespace vmail::tools
