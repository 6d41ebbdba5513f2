#include <chrono>
#include <set>

#include <vmail/error.hpp>

#include "command.hpp"
#include "entity_fields.hpp"

namespace vmail::tools {

namespace {

struct config_show_flags {
    bool origin = false;
};

/// Nothing where there is no such folder: that is no reason not to show the rest.
std::string if_any(std::filesystem::path (*folder)(const configuration&), const configuration& c) {
    try {
        return folder(c).native();
    } catch (const error&) {
        return {};
    }
}

/// What is in force where nothing is set and the fallback is not a constant.
std::string in_force(invocation& run, setting_key key) {
    const auto& c = run.configuration();
    switch (key) {
    case setting_key::time_zone: return c.zone.name();
    case setting_key::journal_dir: return if_any(journal_folder, c);
    case setting_key::lock_dir: return if_any(lock_folder, c);
    case setting_key::state_dir: return if_any(state_folder, c);
    case setting_key::activity_store: return if_any(activity_store, c);
    default: return run.settings()[key].value;
    }
}

value whole_days(const std::optional<std::chrono::hours>& age) {
    if (!age) return unlimited{};
    return std::chrono::duration_cast<std::chrono::days>(*age).count();
}

value number_or_none(const std::optional<std::uint64_t>& n) { return n ? value{static_cast<std::int64_t>(*n)} : value{unlimited{}}; }

/// In JSON a number is a number and a switch is true or false.
value typed(setting_key key, const configuration& c, std::string text) {
    switch (key) {
    case setting_key::starttls: return c.starttls;
    case setting_key::allow_clear_bind: return c.allow_clear_bind;
    case setting_key::notice_outside: return c.notices.outside;
    case setting_key::timeout: return std::chrono::duration<double>(c.timeout).count();
    case setting_key::page_size: return static_cast<std::int64_t>(c.page_size);
    case setting_key::password_min_length: return static_cast<std::int64_t>(c.password_policy.min_length);
    case setting_key::password_min_classes: return static_cast<std::int64_t>(c.password_policy.min_classes);
    case setting_key::password_quality: return c.password_policy.quality;
    case setting_key::unix_gid: return c.unix_accounts.gid ? value{std::int64_t{*c.unix_accounts.gid}} : value{std::move(text)};
    case setting_key::journal_days: return whole_days(c.journal_age);
    case setting_key::journal_size: return c.journal_bytes ? value{std::move(text)} : value{unlimited{}};
    case setting_key::activity_days: return whole_days(c.activity.keep);
    case setting_key::activity_last_days: return whole_days(c.activity.keep_last);
    case setting_key::activity_unread_days:
    case setting_key::activity_hour_networks:
    case setting_key::activity_hour_recipients:
    case setting_key::activity_times_usual:
    case setting_key::activity_bounces:
    case setting_key::activity_guess_networks:
    case setting_key::activity_stopped_tries: return number_or_none(c.activity.limits[static_cast<std::size_t>(key) - static_cast<std::size_t>(setting_key::activity_unread_days)]);
    default: return text.empty() ? value{} : value{std::move(text)};
    }
}

int show_settings(invocation& run, const config_show_flags& flags) {
    const auto out = make_output(run.format(), table_shape::rows, run.out());
    for (const auto& row : setting_table()) {
        const auto& s = run.settings()[row.key];
        record r{{"setting", std::string(row.name)}, {"value", typed(row.key, run.configuration(), in_force(run, row.key))}};
        if (flags.origin) r.push_back({"origin", s.origin});
        out->write(chosen_fields(r, run.flags().fields, run.format()));
    }
    out->finish();
    return 0;
}

/// What is there to choose from, and what each would go to.
int list_profiles(invocation& run) {
    const auto out = make_output(run.format(), table_shape::rows, run.out());
    out->announce({"profile", "uri", "base"});
    std::set<std::string> told; // one may be in two files
    for (const auto& p : run.settings().profiles()) {
        if (!told.insert(p.name).second) continue;
        vmail::settings one = run.settings();
        one.use_profile(p.name);
        record r{{"profile", p.name}, {"uri", typed(setting_key::uri, run.configuration(), one[setting_key::uri].value)}, {"base", typed(setting_key::base, run.configuration(), one[setting_key::base].value)}};
        out->write(chosen_fields(r, run.flags().fields, run.format()));
    }
    out->finish();
    return 0;
}

} // namespace

void add_config_commands(command_tree& tree) {
    auto& noun = tree.add_noun("config", "Settings");
    tree.add_verb<config_show_flags>(
        noun, "show", "Show the settings in force", "mailctl config show --origin",
        [](CLI::App& verb, config_show_flags& flags) { verb.add_flag("--origin", flags.origin, "where each value came from"); }, show_settings);
    tree.add_plain(noun, "profiles", "List the profiles that the settings have", "mailctl config profiles", list_profiles);
    add_config_file_verbs(tree, noun);
}

} // namespace vmail::tools
