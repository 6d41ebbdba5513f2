#pragma once

#include <optional>
#include <string>
#include <vector>

#include <vmail/exchange/record.hpp>
#include <vmail/jobs/record_plan.hpp>
#include <vmail/plan.hpp>

#include <cli/invocation.hpp>
#include <cli/plan_run.hpp>

#include "new_passwords.hpp"

namespace vmail::tools {

/// How the records of a file are carried out.
struct record_run {
    std::string job;      ///< "import"
    std::string file;     ///< for sentences
    bool update = false;  ///< what is there and differs is changed
    bool continue_on_error = false;
    std::optional<std::string> max_changes{};
    std::string journal_folder{};
    record_pruning prune{};
};

void add_continue_flag(CLI::App& verb, bool& continue_on_error);

/// Plans all of it, writes passwords down, and carries it out. What is seen beforehand to fail ends it before anything is done, unless it is to go on.
int carry_out_records(invocation& run, const std::vector<exchange::record>& records, const record_run& how, const new_password_flags& passwords = {});

/// What it would change, in the order in which it would. What cannot be done ends it as there, or is told.
std::vector<record_change> changes_of(invocation& run, const std::vector<exchange::record>& records, const record_run& how);

/// Tells what of the plan cannot be done, by its line, and throws the first fault's kind; nothing where all can.
void require_feasible(invocation& run, const plan& p, const std::string& file);

} // namespace vmail::tools
