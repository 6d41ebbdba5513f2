#pragma once

#include <optional>
#include <string>

#include <vmail/check/check.hpp>

#include <cli/plan_run.hpp>

namespace vmail::tools {

/// How what was found is put right.
struct repair_run {
    std::string job;                        ///< "check --fix"
    std::string ask;                        ///< as plan_run::ask
    check::repair most;                     ///< these repairs and safer ones
    tools::question question;
    std::optional<std::string> max_changes{};
};

/// Plans the repairs, carries them out, and tells what is left for a person: then the status is 1 at least.
int carry_out_repairs(invocation& run, const check::options& wanted, const repair_run& how);

} // namespace vmail::tools
