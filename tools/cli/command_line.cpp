#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/printable.hpp>

#include <sandbox/sandbox.hpp>

#include "command_line.hpp"
#include "plain_options.hpp"
#include "process.hpp"
#include "terminal.hpp"

namespace vmail::tools {

namespace {

bool looks_like_folder(std::string_view text) {
    return text == "." || text == ".." || text.substr(0, 1) == "/" || text.substr(0, 2) == "./" || text.substr(0, 3) == "../";
}

/// CLI11 cannot tell the optional directory of --sandbox from the address after it. What begins as a path is the directory; --sandbox=DIR always is.
std::vector<std::string> with_sandbox_spelled_out(int argc, const char* const* argv) {
    std::vector<std::string> arguments;
    for (int i = 1; i < argc; ++i) {
        arguments.emplace_back(argv[i]);
        if (arguments.back() == "--") return arguments.insert(arguments.end(), argv + i + 1, argv + argc), arguments;
        if (arguments.back() != "--sandbox") continue;
        const bool has_folder = i + 1 < argc && looks_like_folder(argv[i + 1]);
        arguments.back() += "=" + (has_folder ? std::string(argv[++i]) : sandbox::default_dir().native());
    }
    return arguments;
}

CLI::App& innermost(CLI::App& app) {
    CLI::App* at = &app;
    while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
    return *at;
}

std::string path_of(const CLI::App& app) {
    const auto* const parent = app.get_parent();
    return parent == nullptr ? app.get_name() : fmt::format("{} {}", path_of(*parent), app.get_name());
}

std::string sentence_for(CLI::App& app, const CLI::ParseError& e) {
    const auto left = app.remaining(true);
    auto& at = innermost(app);
    if (dynamic_cast<const CLI::ExtrasError*>(&e) != nullptr && !left.empty()) return unknown_argument(left.front());
    if (dynamic_cast<const CLI::RequiredError*>(&e) != nullptr && !at.get_subcommands({}).empty()) {
        const auto word = std::find_if(left.begin(), left.end(), [](const auto& a) { return a.substr(0, 1) != "-"; });
        if (word != left.end()) return fmt::format("{} has no command {}", path_of(at), vmail::quoted(*word));
        if (!left.empty()) return unknown_argument(left.front());
        return fmt::format("{} needs a command", path_of(at));
    }
    std::string sentence = printable(e.what());
    if (sentence.size() > 1 && !ascii::is_upper(sentence[1])) sentence[0] = ascii::to_lower(sentence[0]);
    return sentence;
}

/// Flags in one word, "-nq".
bool are_letters(std::string_view argument) { return argument.size() > 1 && argument.front() == '-' && argument.find_first_not_of("Wnqv", 1) == argument.npos; }

bool wants_colour() {
    const char* const no_colour = std::getenv("NO_COLOR");
    return (no_colour == nullptr || *no_colour == '\0') && ::isatty(STDERR_FILENO) == 1 && !is_dumb_terminal();
}

} // namespace

std::optional<int> parse_command_line(CLI::App& app, int argc, const char* const* argv) {
    try {
        auto arguments = with_sandbox_spelled_out(argc, argv);
        std::reverse(arguments.begin(), arguments.end()); // as CLI11 wants them
        app.parse(std::move(arguments));
        return std::nullopt;
    } catch (const CLI::Success& e) {
        return print_answer(app, e);
    } catch (const CLI::ParseError& e) {
        throw error(error_kind::usage, sentence_for(app, e), {.hint = fmt::format("{} --help", path_of(innermost(app)))});
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
