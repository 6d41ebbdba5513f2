#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <vmail/error.hpp>

#include "remedy_words.hpp"

/// Options of a program that has no commands.
namespace vmail::tools {

/// A command line that makes no sense. Throws error(usage).
[[noreturn]] void refuse(const std::string& sentence, std::string hint = {});

/// What was not understood, without the value of an option: it may be a password.
std::string unknown_argument(const std::string& argument);

/// The same as an error(usage) with the nearest flag of the command.
[[noreturn]] void refuse_argument(const CLI::App& command, const std::string& argument);

/// Prints what --help or --version ask for on standard output; the exit status. Throws error(unavailable) when that cannot be written.
int print_answer(const CLI::App& app, const CLI::Success& asked);

/// Parses the arguments into what the application's options are bound to. Returns the exit status when that is all there is to do: --help, --version.
/// Throws error(usage).
std::optional<int> parse_plain(CLI::App& app, int argc, const char* const* argv);

/// What an option's value is; a malformed one is a mistake on the command line.
template <typename Parse>
auto value_of(std::string_view option, Parse parse) {
    try {
        return parse();
    } catch (const error& e) {
        refuse(fmt::format("{}: {}", option, e.what()), advice(e));
    }
}

template <typename Value>
using words = std::vector<std::pair<std::string, Value>>;

/// An option whose value is one of these words.
template <typename Value>
void add_word(CLI::App& app, const std::string& name, Value& chosen, const words<Value>& known, const std::string& text) {
    std::string names;
    for (const auto& [word, meaning] : known) names += (names.empty() ? "" : "|") + word;
    app.add_option(name, chosen, text)->transform(CLI::Transformer(known))->type_name(names)->option_text(names);
}

} // namespace vmail::tools
