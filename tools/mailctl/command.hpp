#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include <cli/invocation.hpp>

namespace vmail::tools {

/// What a command line asks for: runs it and returns the exit status.
using command = std::function<int(invocation&)>;

/// Collects the nouns and verbs of the command line, and which of them was chosen.
class command_tree {
public:
    /// With the words of the command line, verbs that it cannot be for have a name and no flags, which takes two thirds of the time. Nothing: all have theirs.
    explicit command_tree(CLI::App& root, std::optional<std::set<std::string>> words = {}) : root_(root), words_(std::move(words)) {}

    CLI::App& add_noun(const std::string& name, const std::string& help) {
        auto& noun = *root_.add_subcommand(name, help);
        noun.require_subcommand(1);
        return noun;
    }

    /// A verb of a noun. Its flags live as long as the tree.
    template <typename Flags>
    CLI::App& add_verb(CLI::App& noun, const std::string& name, const std::string& help, const std::string& example,
                       const std::function<void(CLI::App&, Flags&)>& add_flags, const std::function<int(invocation&, const Flags&)>& run) {
        auto& verb = *noun.add_subcommand(name, help);
        verb.footer("Example:\n  " + example);
        if (!may_be_asked(noun, name)) return verb;
        const auto flags = std::make_shared<Flags>();
        add_flags(verb, *flags);
        verb.callback([this, flags, run] { chosen_ = [flags, run](invocation& i) { return run(i, *flags); }; });
        return verb;
    }

    /// A command without a noun, or a verb without flags.
    CLI::App& add_plain(CLI::App& parent, const std::string& name, const std::string& help, const std::string& example, command run) {
        auto& verb = *parent.add_subcommand(name, help);
        verb.footer("Example:\n  " + example);
        verb.callback([this, run = std::move(run)] { chosen_ = run; });
        return verb;
    }

    /// The command writes these formats alone, the first where --output is not given; `what` they are in sentences.
    void writes_only(const CLI::App& verb, std::vector<std::string> names, std::string what) { own_formats_[&verb] = {std::move(names), std::move(what)}; }

    /// The words of the command line, for a program that is to have them as well.
    void set_line(std::vector<std::string> line) { line_ = std::move(line); }
    const std::vector<std::string>& line() const noexcept { return line_; }

    /// The command changes nothing: it is a dry run of its own.
    void looks_only(const CLI::App& verb) { looking_.insert(&verb); }
    bool asked_looks_only() const;

    /// Throws error(usage) for a common flag that the command on the command line would ignore.
    void require_fitting_flags(const global_flags& flags) const;

    CLI::App& root() noexcept { return root_; }
    const command& chosen() const noexcept { return chosen_; }

private:
    struct own_format {
        std::vector<std::string> names;
        std::string what;
    };
    /// A command that is chosen is among the words with its name, and so is its noun.
    bool may_be_asked(const CLI::App& noun, const std::string& verb) const;

    CLI::App& root_;
    std::optional<std::set<std::string>> words_;
    std::vector<std::string> line_{};
    command chosen_{};
    std::map<const CLI::App*, own_format> own_formats_{};
    std::set<const CLI::App*> looking_{};
};

/// A flag and its opposite. Neither: the value stays as it is. CLI11's own way ("--x,!--no-x") cannot tell that from "no".
inline void add_switch(CLI::App& verb, const std::string& yes, const std::string& no, std::optional<bool>& given, const std::string& help) {
    auto* const positive = verb.add_flag_callback(
        yes, [&given] { given = true; }, help);
    verb.add_flag_callback(
            no, [&given] { given = false; }, "the opposite")
        ->excludes(positive);
}

void add_activity_commands(command_tree& tree);
void add_admin_commands(command_tree& tree);
void add_domain_commands(command_tree& tree);
void add_mailbox_commands(command_tree& tree);
void add_alias_commands(command_tree& tree);
void add_backup_commands(command_tree& tree);
void add_mailing_list_commands(command_tree& tree);
void add_forward_commands(command_tree& tree);
void add_vacation_commands(command_tree& tree);
void add_expiry_commands(command_tree& tree);
void add_quota_commands(command_tree& tree);
void add_unix_commands(command_tree& tree);
void add_check_command(command_tree& tree);
void add_adopt_command(command_tree& tree);
void add_import_command(command_tree& tree);
void add_export_command(command_tree& tree);
void add_apply_commands(command_tree& tree);
void add_find_command(command_tree& tree);
void add_trace_command(command_tree& tree);
void add_purge_command(command_tree& tree);
void add_restore_command(command_tree& tree);
void add_backup_tree_command(command_tree& tree);
void add_log_command(command_tree& tree);
void add_undo_command(command_tree& tree);
void add_sandbox_commands(command_tree& tree);
void add_config_commands(command_tree& tree);
void add_config_file_verbs(command_tree& tree, CLI::App& noun);
void add_report_command(command_tree& tree);
void add_completion_command(command_tree& tree);
void add_describe_command(command_tree& tree);
void add_whoami_command(command_tree& tree);

} // namespace vmail::tools
