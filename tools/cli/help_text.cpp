#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "help_text.hpp"
#include "width.hpp"
#include "wrapped.hpp"

namespace vmail::tools {

namespace {

using rows = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t widest_left = 28;

/// A name and what it is, in two columns; where the name is too long for its own, what it is begins on the next line.
void write_rows(std::ostream& out, const rows& lines, std::size_t width) {
    std::size_t left = 0;
    for (const auto& [name, text] : lines)
        if (name.size() <= widest_left) left = std::max(left, name.size());
    const std::size_t indent = left + 4;
    for (const auto& [name, text] : lines) {
        out << "  " << name;
        if (name.size() > left) out << '\n' << std::string(indent, ' ');
        else out << std::string(indent - 2 - name.size(), ' ');
        out << wrapped(text, {.width = width, .indent = indent, .begun = indent}) << '\n';
    }
}

void write_titled(std::ostream& out, const std::string& title, const rows& lines, std::size_t width) {
    if (lines.empty()) return;
    out << '\n' << title << ":\n";
    write_rows(out, lines, width);
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
    return app.get_subcommands([](const CLI::App*) { return true; });
}

std::string value_name(const CLI::Option& option) {
    if (!option.get_option_text().empty()) return ' ' + option.get_option_text();
    return option.get_type_size() == 0 || option.get_type_name().empty() ? "" : ' ' + option.get_type_name();
}

rows positionals_of(const CLI::App& app) {
    rows lines;
    for (const auto* o : app.get_options([](const CLI::Option* option) { return option->get_positional(); }))
        lines.emplace_back(o->get_name(true, false) + (o->get_expected_max() > 1 ? " ..." : ""), o->get_description());
    return lines;
}

rows options_of(const CLI::App& app, const std::string& group) {
    rows lines;
    for (const auto* o : app.get_options([&](const CLI::Option* option) { return option->get_group() == group && option->nonpositional(); }))
        if (o != app.get_help_ptr()) lines.emplace_back(o->get_name(false, true) + value_name(*o), o->get_description());
    return lines;
}

/// "ADDRESS...", in brackets where it may be left out.
std::string usage_of(const CLI::App& app) {
    std::string usage = path_of(app) + " [FLAG...]";
    for (const auto* o : app.get_options([](const CLI::Option* option) { return option->get_positional(); })) {
        const auto name = o->get_name(true, false) + (o->get_expected_max() > 1 ? "..." : "");
        usage += o->get_required() ? ' ' + name : " [" + name + ']';
    }
    if (!commands_of(app).empty()) usage += app.get_parent() == nullptr ? " NOUN VERB ..." : " VERB ...";
    return usage;
}

rows list_commands(const CLI::App& app) {
    rows lines;
    for (const auto* command : commands_of(app)) lines.emplace_back(command->get_name(), command->get_description());
    return lines;
}

/// Paragraphs are filled. A line that is indented is a command, which a shell reads also when it is broken.
void write_footer(std::ostream& out, const std::string& footer, std::size_t width) {
    std::string paragraph;
    const auto end_paragraph = [&] {
        if (!paragraph.empty()) out << wrapped(std::exchange(paragraph, {}), {.width = width}) << '\n';
    };
    std::istringstream in(footer);
    for (std::string line; std::getline(in, line);) {
        if (!line.starts_with("  ")) {
            paragraph += (paragraph.empty() ? "" : " ") + line;
            continue;
        }
        end_paragraph();
        out << "  " << wrapped(line.substr(2), {.width = width, .indent = 6, .begun = 2, .end = " \\"}) << '\n';
    }
    end_paragraph();
}

void write_part(std::ostream& out, const std::string& footer, std::size_t width) {
    if (!footer.empty()) write_footer(out << '\n', footer, width);
}

void write_names_of_common_flags(std::ostream& out, const CLI::App& root, std::size_t width) {
    std::string names;
    for (const auto* o : root.get_options([&](const CLI::Option* option) { return option->nonpositional() && option->get_group() != "Options"; }))
        names += (names.empty() ? "" : " ") + o->get_name(false, true);
    if (names.empty()) return;
    out << fmt::format("\nFlags of all commands, as \"{} --help\" tells:\n  ", root.get_name()) << wrapped(names, {.width = width, .indent = 2, .begun = 2}) << '\n';
}

const CLI::App& root_of(const CLI::App& app) { return app.get_parent() == nullptr ? app : root_of(*app.get_parent()); }

/// The noun of a verb, which has the page.
const CLI::App& below_root(const CLI::App& command) { return command.get_parent()->get_parent() == nullptr ? command : below_root(*command.get_parent()); }

std::string verbs_of(const CLI::App& noun) {
    std::string verbs;
    for (const auto* verb : commands_of(noun)) verbs += (verbs.empty() ? "" : " ") + verb->get_name();
    return verbs;
}

/// Of a noun those of its verbs; its own footer is that of the application, which CLI11 hands down.
std::string examples_of(const CLI::App& command) {
    const auto verbs = commands_of(command);
    if (verbs.empty()) return command.get_footer();
    std::string examples = "Examples:\n", line;
    for (const auto* verb : verbs)
        for (std::istringstream in(verb->get_footer()); std::getline(in, line);)
            if (line.starts_with("  ")) examples += line + '\n';
    return examples;
}

/// What a program without commands shows first, as a command does, and what it says below its flags.
struct footer_parts {
    std::string examples, rest;
};
footer_parts parts_of(const CLI::App& app) {
    const std::string footer = app.get_footer();
    const std::size_t end = footer.find("\n\n");
    if (!commands_of(app).empty() || !footer.starts_with("Example") || end == std::string::npos) return {{}, footer};
    return {footer.substr(0, end), footer.substr(end + 2)};
}

} // namespace

std::string path_of(const CLI::App& command) {
    const auto* const parent = command.get_parent();
    return parent == nullptr ? command.get_name() : fmt::format("{} {}", path_of(*parent), command.get_name());
}

std::size_t help_width() noexcept {
    constexpr std::size_t usual = 80, narrowest = 40, widest = 120; // longer lines are hard to read
    winsize size{};
    if (::isatty(STDOUT_FILENO) != 1 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return usual;
    return std::clamp<std::size_t>(size.ws_col, narrowest, widest);
}

std::string help_text(const CLI::App& command, std::size_t width) {
    std::ostringstream out;
    out << wrapped("Usage: " + usage_of(command), {.width = width, .indent = 7}) << "\n\n";
    out << wrapped(command.get_description(), {.width = width}) << '\n';
    const bool is_program = command.get_parent() == nullptr;
    write_part(out, is_program ? parts_of(command).examples : examples_of(command), width);
    write_titled(out, "Arguments", positionals_of(command), width);
    write_titled(out, is_program ? "Commands" : "Verbs", list_commands(command), width);
    for (const auto& group : command.get_groups()) write_titled(out, group == "Options" ? "Flags" : group, options_of(command, group), width);
    if (is_program) write_part(out, parts_of(command).rest, width);
    else {
        write_names_of_common_flags(out, root_of(command), width);
        out << fmt::format("\nManual: {}-{}(1)\n", root_of(command).get_name(), below_root(command).get_name());
    }
    return out.str();
}

std::string overview_text(const CLI::App& application, std::size_t width) {
    rows nouns;
    std::string others;
    for (const auto* command : commands_of(application)) {
        if (commands_of(*command).empty()) others += (others.empty() ? "" : " ") + command->get_name();
        else nouns.emplace_back(command->get_name(), verbs_of(*command));
    }
    nouns.emplace_back("and alone:", others);
    std::ostringstream out;
    out << wrapped("Usage: " + application.get_name() + " NOUN VERB [ADDRESS...] [FLAG...]", {.width = width, .indent = 7}) << '\n';
    write_rows(out, nouns, width);
    write_footer(out, application.get_footer(), width);
    return out.str();
}

} // namespace vmail::tools
