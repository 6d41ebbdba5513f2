#pragma once

#include <mailctl/activity_verbs.hpp>

/// What the verbs of "mailctl activity" do.
namespace vmail::tools {

int scan_logs(invocation& run, const scan_flags& flags);
int check_activity(invocation& run, const activity_check_flags& flags);
int show_activity(invocation& run, const activity_show_flags& flags);
int show_traffic(invocation& run, const traffic_flags& flags);
int write_logins(invocation& run, const no_flags& flags);
int export_rows(invocation& run, const activity_export_flags& flags);
int merge_rows(invocation& run, const activity_merge_flags& flags);
int forget_accounts(invocation& run, const activity_forget_flags& flags);

} // namespace vmail::tools
