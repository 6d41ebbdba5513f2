#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/printable.hpp>

#include <sandbox/sandbox.hpp>

#include "command_hint.hpp"
#include "command_line.hpp"
#include "completion.hpp"
#include "fd_stream.hpp"
#include "help_text.hpp"
#include "plain_options.hpp"
#include "process.hpp"
#include "terminal.hpp"

namespace vmail::tools {

namespace {

bool looks_like_folder(std::string_view text) {
    return text == "." || text == ".." || text.substr(0, 1) == "/" || text.substr(0, 2) == "./" || text.substr(0, 3) == "../";
}

/// CLI11 cannot tell the optional directory of --sandbox from the address after it. What begins as a path is the directory; --sandbox=DIR always is.
std::vector<std::string> with_sandbox_spelled_out(const std::vector<std::string>& words) {
    std::vector<std::string> arguments;
    for (auto word = words.begin(); word != words.end(); ++word) {
        arguments.push_back(*word);
        if (*word == "--") return arguments.insert(arguments.end(), word + 1, words.end()), arguments;
        if (*word != "--sandbox") continue;
        const bool has_folder = word + 1 != words.end() && looks_like_folder(*(word + 1));
        arguments.back() += "=" + (has_folder ? *++word : sandbox::default_dir().native());
    }
    return arguments;
}

CLI::App& innermost(CLI::App& app) {
    CLI::App* at = &app;
    while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
    return *at;
}

bool is_flag(const std::string& argument) { return argument.substr(0, 1) == "-"; }

bool has_commands(const CLI::App& app) {
    return !app.get_subcommands([](const CLI::App*) { return true; }).empty();
}

/// "help NOUN VERB" is "NOUN VERB --help", and so is "NOUN help VERB".
void ask_for_help(const CLI::App& app, std::vector<std::string>& arguments) {
    const auto word = std::find_if_not(arguments.begin(), arguments.end(), is_flag);
    if (!has_commands(app) || word == arguments.end()) return;
    const bool is_noun = !app.get_subcommands([&](const CLI::App* c) { return c->get_name() == *word; }).empty();
    const auto asked = *word != "help" && is_noun && word + 1 != arguments.end() ? word + 1 : word;
    if (*asked != "help") return;
    arguments.erase(asked);
    arguments.push_back("--help");
}

/// As CLI11 has understood the words before the one that it did not.
unknown_command find_unknown(const CLI::App& app, const std::string& word, const std::vector<std::string>& arguments) {
    const auto place = std::find(arguments.begin(), arguments.end(), word);
    const CLI::App* at = &app;
    for (auto a = arguments.begin(); a != place; ++a)
        for (const auto* command : at->get_subcommands([&](const CLI::App* c) { return c->get_name() == *a; })) at = command;
    unknown_command unknown{*at, word};
    if (place != arguments.end()) std::copy_if(place + 1, arguments.end(), std::back_inserter(unknown.after), [](const auto& a) { return !is_flag(a); });
    return unknown;
}

[[noreturn]] void refuse_command(const unknown_command& unknown) {
    const auto meant = meant_by(unknown);
    const auto path = path_of(unknown.at);
    refuse(fmt::format("{} has no command {}", path, vmail::quoted(unknown.word)), meant.empty() ? fmt::format("{} --help", path) : fmt::format("did you mean \"{}\"?", meant));
}

[[noreturn]] void refuse_without_command(const CLI::App& at) {
    std::string names;
    for (const auto* command : at.get_subcommands([](const CLI::App*) { return true; })) names += (names.empty() ? "" : ", ") + command->get_name();
    refuse(fmt::format("{} needs a command: {}", path_of(at), names), fmt::format("{} --help", path_of(at)));
}

int answer(CLI::App& app, const CLI::Success& asked, const std::vector<std::string>& arguments) {
    auto& at = innermost(app);
    const auto left = app.remaining(true);
    const auto word = std::find_if_not(left.begin(), left.end(), is_flag);
    if (has_commands(at) && word != left.end()) refuse_command(find_unknown(app, *word, arguments));
    return print_answer(at, asked);
}

int print_overview(const CLI::App& app) {
    fd_stream out(STDOUT_FILENO, "standard output");
    out << overview_text(app, help_width());
    out.flush();
    return 0;
}

[[noreturn]] void refuse_line(CLI::App& app, const CLI::ParseError& e, const std::vector<std::string>& arguments) {
    const auto left = app.remaining(true);
    auto& at = innermost(app);
    const bool lacks_command = dynamic_cast<const CLI::RequiredError*>(&e) != nullptr && has_commands(at);
    if (lacks_command) {
        const auto word = std::find_if_not(left.begin(), left.end(), is_flag);
        if (word != left.end()) refuse_command(find_unknown(app, *word, arguments));
        if (left.empty()) refuse_without_command(at);
    }
    const bool lacks_something = dynamic_cast<const CLI::RequiredError*>(&e) != nullptr;
    const bool has_unknown_flag = !left.empty() && is_flag(left.front());
    if (dynamic_cast<const CLI::ExtrasError*>(&e) != nullptr || lacks_command || (lacks_something && has_unknown_flag)) {
        if (!left.empty()) refuse_argument(at, left.front());
    }
    std::string sentence = printable(e.what());
    if (sentence.size() > 1 && !ascii::is_upper(sentence[1])) sentence[0] = ascii::to_lower(sentence[0]);
    refuse(sentence, fmt::format("{} --help", path_of(at)));
}

/// Flags in one word, "-nq".
bool are_letters(std::string_view argument) { return argument.size() > 1 && argument.front() == '-' && argument.find_first_not_of("Wnqv", 1) == argument.npos; }

bool wants_colour() {
    const char* const no_colour = std::getenv("NO_COLOR");
    return (no_colour == nullptr || *no_colour == '\0') && ::isatty(STDERR_FILENO) == 1 && !is_dumb_terminal();
}

} // namespace

void take_flags(CLI::App& app, const std::vector<std::string>& words) {
    auto arguments = with_sandbox_spelled_out(words);
    std::reverse(arguments.begin(), arguments.end()); // CLI11 takes them so
    try {
        app.parse(std::move(arguments));
    } catch (const CLI::Error&) { // what is missing or makes no sense yet
    }
}

std::optional<int> parse_command_line(CLI::App& app, int argc, const char* const* argv) {
    if (const auto answered = has_commands(app) ? std::nullopt : answer_shell(app, argc, argv)) return answered;
    auto arguments = with_sandbox_spelled_out({argv + 1, argv + argc});
    if (has_commands(app) && !arguments.empty() && std::all_of(arguments.begin(), arguments.end(), [](const auto& a) { return a == "help"; })) return print_overview(app);
    ask_for_help(app, arguments);
    try {
        app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend())); // as CLI11 wants them
        return std::nullopt;
    } catch (const CLI::Success& e) {
        return answer(app, e, arguments);
    } catch (const CLI::ParseError& e) {
        refuse_line(app, e, arguments);
    }
}

diagnostics_options diagnostics_for(const std::string& program, int argc, const char* const* argv) {
    std::vector<std::string_view> arguments(argv + 1, argv + argc);
    arguments.erase(std::find(arguments.begin(), arguments.end(), "--"), arguments.end());
    const auto has = [&](auto... words) { return std::any_of(arguments.begin(), arguments.end(), [&](auto a) { return ((a == words) || ...); }); };
    const auto follows = [&](std::string_view name, std::string_view argument) {
        const std::array pair = {name, argument};
        return std::search(arguments.begin(), arguments.end(), pair.begin(), pair.end()) != arguments.end();
    };
    diagnostics_options options{.program = program};
    for (const std::string format : {"json", "jsonl"})
        options.json = options.json || has("-o" + format, "--output=" + format) || follows("-o", format) || follows("--output", format);
    const auto has_letter = [&](char letter) { return std::any_of(arguments.begin(), arguments.end(), [&](auto a) { return are_letters(a) && a.find(letter) != a.npos; }); };
    options.quiet = has("--quiet") || has_letter('q');
    options.verbose = has("--verbose", "--debug") || has_letter('v');
    options.colour = wants_colour() && !has("--no-color");
    return options;
}

} // namespace vmail::tools
