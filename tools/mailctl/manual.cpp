#include <istream>
#include <ostream>
#include <sstream>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "manual.hpp"

namespace vmail::tools {

namespace {

using commands = std::vector<const CLI::App*>;

commands inner_of(const CLI::App& app) { return app.get_subcommands([](const CLI::App*) { return true; }); }

/// What a line of the page may not begin with, or hold, as it stands.
std::string line_of(std::string_view text) {
    std::string line = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
    for (const char c : text) {
        if (ascii::is_upper(c) && line.ends_with(". ")) line.back() = '\n'; // where a sentence ends, a line does
        line += c == '\\' ? std::string("\\e") : std::string(1, c);
    }
    return line + '\n';
}

/// "Cm mailbox Cm add"
std::string words_of(const CLI::App& command) {
    const auto* const above = command.get_parent();
    if (above == nullptr) return "";
    const auto before = words_of(*above);
    return before + (before.empty() ? "" : " ") + "Cm " + command.get_name();
}

std::string value_of(const CLI::Option& flag) {
    if (flag.get_type_size() == 0) return "";
    const auto& name = flag.get_option_text().empty() ? flag.get_type_name() : flag.get_option_text();
    return name.empty() ? "" : " Ar " + ascii::to_lower(name);
}

/// "Fl n , -dry-run", with what it takes.
std::string name_of(const CLI::Option& flag) {
    std::string names;
    for (const auto& name : flag.get_snames()) names += (names.empty() ? "Fl " : " , ") + name;
    for (const auto& name : flag.get_lnames()) names += (names.empty() ? "Fl -" : " , -") + name;
    return names + value_of(flag);
}

std::vector<const CLI::Option*> flags_of(const CLI::App& command) {
    return command.get_options([&](const CLI::Option* o) { return o->nonpositional() && o != command.get_help_ptr(); });
}

std::vector<const CLI::Option*> positionals_of(const CLI::App& command) {
    return command.get_options([](const CLI::Option* o) { return o->get_positional(); });
}

std::string place_of(const CLI::Option& positional) { return "Ar " + positional.get_name(true, false) + (positional.get_expected_max() > 1 ? " ..." : ""); }

void write_usage(std::ostream& out, const CLI::App& command) {
    out << ".Nm mailctl\n." << words_of(command) << '\n';
    bool has_more = false;
    for (const auto* flag : flags_of(command)) {
        if (flag->get_required()) out << '.' << name_of(*flag) << '\n';
        else has_more = true;
    }
    if (has_more) out << ".Op Ar flags\n";
    for (const auto* o : positionals_of(command)) out << (o->get_required() ? "." : ".Op ") << place_of(*o) << '\n';
}

/// The lines of its help that are a command.
void write_examples(std::ostream& out, const CLI::App& command) {
    std::string lines, line;
    std::istringstream in(command.get_footer());
    while (std::getline(in, line))
        if (line.starts_with("  ")) lines += line_of("$ " + line.substr(2));
    if (!lines.empty()) out << ".Bd -literal -offset indent\n" << lines << ".Ed\n";
}

/// It begins as it stands there: "ldif" and "yescrypt" are words to type.
std::string sentence_of(const std::string& words) { return words.ends_with('.') ? words : words + '.'; }

void write_flags(std::ostream& out, const CLI::App& command) {
    const auto flags = flags_of(command);
    const auto names = positionals_of(command);
    if (flags.empty() && names.empty()) return;
    out << ".Bl -tag -width Ds -compact\n";
    for (const auto* name : names) out << ".It " << place_of(*name) << '\n' << line_of(sentence_of(name->get_description()));
    for (const auto* flag : flags) out << ".It " << name_of(*flag) << '\n' << line_of(sentence_of(flag->get_description()));
    out << ".El\n";
}

void write_verb(std::ostream& out, const CLI::App& command) {
    out << ".Ss mailctl " << (command.get_parent()->get_parent() == nullptr ? "" : command.get_parent()->get_name() + ' ') << command.get_name() << '\n';
    out << line_of(sentence_of(command.get_description()));
    write_examples(out, command);
    write_flags(out, command);
}

const CLI::App& find(const CLI::App& root, const std::string& name) {
    for (const auto* command : inner_of(root))
        if (command->get_name() == name) return *command;
    throw invalid_value(fmt::format("there is no command {} to tell of", vmail::quoted(name)));
}

/// With verbs in the place of nouns.
commands verbs_of(const CLI::App& root, const std::vector<std::string>& names) {
    commands all;
    for (const auto& name : names) {
        const auto& command = find(root, name);
        const auto verbs = inner_of(command);
        if (verbs.empty()) all.push_back(&command);
        all.insert(all.end(), verbs.begin(), verbs.end());
    }
    return all;
}

void write_synopsis(std::ostream& out, const commands& verbs) {
    out << ".Sh SYNOPSIS\n";
    for (const auto* verb : verbs) write_usage(out, *verb);
}

void write_verbs(std::ostream& out, const commands& verbs) {
    out << ".Sh COMMANDS\nThe flags that all commands take are those of\n.Xr mailctl 1 .\n";
    for (const auto* verb : verbs) write_verb(out, *verb);
}

} // namespace

void write_manual(std::ostream& out, const CLI::App& root, const std::vector<std::string>& names, std::istream& source) {
    const auto verbs = verbs_of(root, names);
    int written = 0;
    for (std::string line; std::getline(source, line);) {
        if (line == ".\\\" synopsis") ++written, write_synopsis(out, verbs);
        else if (line == ".\\\" verbs") ++written, write_verbs(out, verbs);
        else out << line << '\n';
    }
    if (written != 2) throw invalid_value("the source of the page has not both lines .\\\" synopsis and .\\\" verbs once");
}

} // namespace vmail::tools
