#include <fmt/format.h>

#include <vmail/error.hpp>

#include "job_flags.hpp"

namespace vmail::tools {

void add_job_flags(CLI::App& app, global_flags& flags, const std::string& dry_run) {
    add_global_flags(app, flags);
    app.get_option("--output")->description("the form of what is told")->type_name("table|json|jsonl");
    app.get_option("--dry-run")->description(dry_run);
    app.remove_option(app.get_option("--fields"));
    app.remove_option(app.get_option("--yes"));
}

void require_job_format(invocation& run, std::string_view program) {
    if (run.format() == output_format::table || run.writes_json()) return;
    throw error(error_kind::usage, fmt::format("{} has no output format {}", program, run.flags().output), {.hint = "the formats are table, json and jsonl"});
}

} // namespace vmail::tools
