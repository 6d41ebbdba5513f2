#include <filesystem>

#include <fmt/format.h>

#include <vmail/printable.hpp>

#include <sandbox/sandbox.hpp>

#include <cli/report.hpp>
#include <cli/shell_word.hpp>

#include "command.hpp"
#include "entity_fields.hpp"

namespace vmail::tools {

namespace {

struct sandbox_flags {
    std::string dir{};
};

std::filesystem::path chosen_dir(invocation& run, const sandbox_flags& flags) {
    if (!flags.dir.empty()) return flags.dir;
    return run.flags().sandbox ? std::filesystem::path(*run.flags().sandbox) : sandbox::default_dir();
}

struct act {
    outcome would_be; ///< as far as can be told beforehand
    std::function<outcome()> carry_out;
};

int act_on_sandbox(invocation& run, const sandbox& s, const act& what) {
    attempts said(run, "sandbox");
    said.attempt(s.dir().native(), [&] { return run.flags().dry_run ? what.would_be : what.carry_out(); });
    return said.finish();
}

/// What can be pasted into a shell, also where the folder's name has a blank.
void note_how_to_use(invocation& run, const sandbox& s) {
    const auto folder = shell_word(printable(s.dir().native()));
    run.err().note(fmt::format("use it with --sandbox={0}, or for this shell: eval \"$(mailctl sandbox env --dir {0})\"", folder));
}

int start(invocation& run, const sandbox_flags& flags) {
    sandbox s(chosen_dir(run, flags));
    const outcome started{"started"}, runs_already{"runs already", false};
    const int status = act_on_sandbox(run, s, {s.running() ? runs_already : started, [&] { return s.start() ? started : runs_already; }});
    if (status == 0 && !run.flags().dry_run) note_how_to_use(run, s);
    return status;
}

int stop(invocation& run, const sandbox_flags& flags) {
    sandbox s(chosen_dir(run, flags));
    const outcome stopped{"stopped"}, does_not_run{"does not run", false};
    return act_on_sandbox(run, s, {s.running() ? stopped : does_not_run, [&] { return s.stop() ? stopped : does_not_run; }});
}

int reset(invocation& run, const sandbox_flags& flags) {
    sandbox s(chosen_dir(run, flags));
    if (!run.confirm(fmt::format("delete all that is in the sandbox {}?", printable(s.dir().native())))) return 1;
    return act_on_sandbox(run, s, {outcome{"reset"}, [&] { return s.reset(), outcome{"reset"}; }});
}

int status(invocation& run, const sandbox_flags& flags) {
    const auto s = sandbox(chosen_dir(run, flags)).status();
    const auto out = make_output(run.format(), table_shape::card, run.out());
    out->write(chosen_fields({{"sandbox", s.dir.native()},
                              {"created", s.created},
                              {"running", s.running},
                              {"pid", s.pid == 0 ? value{} : value{std::int64_t{s.pid}}},
                              {"uri", s.uri},
                              {"base", s.base},
                              {"entries", s.entries ? value{static_cast<std::int64_t>(*s.entries)} : value{}}},
                             run.flags().fields, run.format()));
    out->finish();
    return 0;
}

int env(invocation& run, const sandbox_flags& flags) {
    const sandbox s(std::filesystem::absolute(chosen_dir(run, flags)));
    run.out() << "export MAILCTL_SANDBOX=" << shell_word(s.dir().native()) << '\n'
              << "# for ldapsearch and its like, with -Y EXTERNAL:\n"
              << "export LDAPURI=" << shell_word(s.uri()) << '\n'
              << "export LDAPBASE=" << shell_word(s.base()) << '\n';
    return 0;
}

} // namespace

void add_sandbox_commands(command_tree& tree) {
    auto& noun = tree.add_noun("sandbox", "A private directory server, to try things on");
    const auto add = [&](const char* name, const char* help, const char* example, int (*run)(invocation&, const sandbox_flags&)) {
        return &tree.add_verb<sandbox_flags>(
            noun, name, help, example,
            [](CLI::App& verb, sandbox_flags& flags) { verb.add_option("--dir", flags.dir, "where it lives")->type_name("DIR"); }, run);
    };
    add("start", "Make it if it is not there, and start it", "mailctl sandbox start --dir ./try", start);
    add("stop", "Stop it; its data stay", "mailctl sandbox stop", stop);
    add("status", "Show whether it runs", "mailctl sandbox status", status);
    tree.writes_only(*add("env", "Print what a shell needs to use it", "eval \"$(mailctl sandbox env)\"", env), {}, "shell commands");
    add("reset", "Delete its data and start anew", "mailctl sandbox reset --yes", reset);
}

} // namespace vmail::tools
