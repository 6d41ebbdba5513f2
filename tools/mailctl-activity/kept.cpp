#include <limits>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/own_files.hpp>
#include <vmail/printable.hpp>
#include <vmail/time_span.hpp>

#include <cli/plain_options.hpp>

#include "kept.hpp"

namespace vmail::tools {

using namespace activity;

namespace {

std::filesystem::path lock_beside(const std::filesystem::path& file) { return file.native() + ".lock"; }

/// The lock is beside the store, so the folder of that comes first.
const std::filesystem::path& with_folder(const std::filesystem::path& file) {
    if (!make_own_folder(file.parent_path())) throw error(error_kind::configuration, fmt::format("cannot make the folder {}: {}", printable(file.parent_path().native()), system_reason()));
    return file;
}

std::int64_t ago(const std::optional<std::chrono::hours>& span, std::int64_t now) {
    return span ? now - std::chrono::seconds(*span).count() : std::numeric_limits<std::int64_t>::min() / 2;
}

} // namespace

store open_store(invocation& run) { return store::open(activity_store(run.configuration())); }

written_store::written_store(invocation& run)
    : file_(with_folder(activity_store(run.configuration()))), lock_(lock_beside(file_), "set activity-store to a place that is yours"), store_(store::open_to_write(file_)) {}

hour_span span_since(const std::string& since, std::int64_t now) {
    const auto span = time_span::parse(since);
    if (!span || span->number == 0 || span->number > 100'000) refuse(fmt::format("--since takes a number of hours, days or weeks, such as 24h or 7d, not {}", vmail::quoted(since)));
    return {hour_of(now - std::chrono::seconds(span->length()).count()), hour_of(now) + 1};
}

thresholds thresholds_of(invocation& run) {
    const auto& settings = run.configuration().activity;
    thresholds all(settings.limits);
    if (settings.thresholds.empty()) return all;
    const auto name = printable(settings.thresholds.native());
    const auto text = read_own_file(settings.thresholds);
    if (!text) throw error(error_kind::configuration, fmt::format("cannot read the thresholds in {}: {}", name, system_reason()));
    try {
        all.read(*text, name);
    } catch (const invalid_value& e) {
        throw error(error_kind::configuration, e.what());
    }
    return all;
}

std::int64_t first_kept_hour(invocation& run, std::int64_t now) { return hour_of(ago(run.configuration().activity.keep, now)); }
std::int64_t first_kept_use(invocation& run, std::int64_t now) { return ago(run.configuration().activity.keep_last, now); }

reachable_roster::reachable_roster(invocation& run) {
    try {
        roster_.emplace(run.directory());
    } catch (const error& e) {
        why_not_ = e.what();
    }
}

} // namespace vmail::tools
