#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "command.hpp"

/// The words of "mailctl activity": mailctl knows them, for help and completion, and has mailctl-activity do what they say.
namespace vmail::tools {

struct scan_flags {
    std::vector<std::string> logs{};
    bool accept_clock = false;
};

struct activity_check_flags {
    std::optional<std::string> explain{}, max_changes{};
    std::string since = "24h";
    std::vector<std::string> only{}, skip{};
    bool list = false, disable = false, nagios = false;
};

struct activity_show_flags {
    std::vector<std::string> accounts{};
    std::string since = "7d";
    bool networks = false;
};

struct traffic_flags {
    std::string since = "7d", by = "day", top = "20";
    std::optional<std::string> domain{}, prometheus{};
};

struct activity_export_flags {
    std::optional<std::string> since{};
};

struct activity_merge_flags {
    std::vector<std::string> files{};
};

struct activity_forget_flags {
    std::vector<std::string> accounts{};
};

struct no_flags {};

/// Who carries them out.
struct activity_handlers {
    std::function<int(invocation&, const scan_flags&)> scan;
    std::function<int(invocation&, const activity_check_flags&)> check;
    std::function<int(invocation&, const activity_show_flags&)> show;
    std::function<int(invocation&, const traffic_flags&)> traffic;
    std::function<int(invocation&, const no_flags&)> logins;
    std::function<int(invocation&, const activity_export_flags&)> give;
    std::function<int(invocation&, const activity_merge_flags&)> merge;
    std::function<int(invocation&, const activity_forget_flags&)> forget;
};

/// As "activity check --list" has them, for completion: the rules are linked to the other program.
std::vector<std::string> activity_rule_codes();

void add_activity_verbs(command_tree& tree, const activity_handlers& handlers);

} // namespace vmail::tools
