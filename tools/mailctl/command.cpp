#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <cli/help_text.hpp>
#include <cli/plain_options.hpp>

#include "command.hpp"

namespace vmail::tools {

namespace {

const CLI::App& innermost(const CLI::App& app) {
    const auto* at = &app;
    while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
    return *at;
}

bool is_given(const CLI::App& root, const std::string& flag) { return root.get_option(flag)->count() > 0; }

/// Those that show what there is; all others say what became of what they did.
bool shows_fields(const CLI::App& verb) {
    constexpr std::array<std::string_view, 12> names = {"report", "find", "list", "show", "log", "status", "trace", "whoami", "password-report", "describe", "check", "traffic"};
    return std::find(names.begin(), names.end(), verb.get_name()) != names.end();
}

} // namespace

void command_tree::require_fitting_flags(const global_flags& flags) const {
    const auto& asked = innermost(root_);
    const auto own = own_formats_.find(&asked);
    const auto writes = [&](const own_format& f) { return std::find(f.names.begin(), f.names.end(), flags.output) != f.names.end(); };
    if (own != own_formats_.end() && is_given(root_, "--output") && !writes(own->second))
        refuse(fmt::format("{} writes {} and no other format", path_of(asked), own->second.what), "leave --output out");
    if (is_given(root_, "--fields") && !shows_fields(asked)) refuse(fmt::format("{} has no fields to choose from", path_of(asked)), "leave --fields out");
}

bool command_tree::may_be_asked(const CLI::App& noun, const std::string& verb) const {
    if (!words_) return true;
    if (!words_->contains(verb)) return false;
    const auto& others = noun.get_aliases();
    return &noun == &root_ || words_->contains(noun.get_name()) || std::any_of(others.begin(), others.end(), [&](const std::string& other) { return words_->contains(other); });
}

bool command_tree::asked_looks_only() const { return looking_.contains(&innermost(root_)); }

} // namespace vmail::tools
