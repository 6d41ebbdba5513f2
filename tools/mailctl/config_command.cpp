#include "command.hpp"

namespace vmail::tools {

namespace {

struct config_show_flags {
    bool origin = false;
};

int show_settings(invocation& run, const config_show_flags& flags) {
    run.configuration(); // a value that makes no sense is said here
    const auto out = make_output(run.format(), table_shape::rows, run.out());
    for (const auto& row : setting_table()) {
        const auto& s = run.settings()[row.key];
        record r{{"setting", std::string(row.name)}, {"value", s.value.empty() ? value{} : value{s.value}}};
        if (flags.origin) r.push_back({"origin", s.origin});
        out->write(r);
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
}

} // namespace vmail::tools
