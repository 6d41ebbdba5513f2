#include <unistd.h>

#include <vmail/printable.hpp>

#include "command_hint.hpp"
#include "completion.hpp"
#include "fd_stream.hpp"
#include "help_text.hpp"
#include "plain_options.hpp"

namespace vmail::tools {

void refuse(const std::string& sentence, std::string hint) { throw error(error_kind::usage, sentence, {.hint = std::move(hint)}); }

std::string unknown_argument(const std::string& argument) {
    if (argument.substr(0, 1) == "-") return fmt::format("there is no option {}", printable(argument.substr(0, argument.find('='))));
    return fmt::format("{} is one argument too many", vmail::quoted(argument));
}

int print_answer(const CLI::App& app, const CLI::Success& asked) {
    fd_stream out(STDOUT_FILENO, "standard output");
    const bool is_help = dynamic_cast<const CLI::CallForHelp*>(&asked) != nullptr;
    if (is_help) out << help_text(app, help_width());
    else out << asked.what() << '\n';
    out.flush();
    return 0;
}

void refuse_argument(const CLI::App& command, const std::string& argument) {
    const auto flag = argument.starts_with('-') ? nearest_flag(command, argument.substr(0, argument.find('='))) : std::string();
    const auto help = fmt::format("{} --help", path_of(command));
    refuse(unknown_argument(argument), flag.empty() ? help : fmt::format("did you mean {}? \"{}\" tells all", flag, help));
}

std::optional<int> parse_plain(CLI::App& app, int argc, const char* const* argv) {
    if (const auto answered = answer_shell(app, argc, argv)) return answered;
    try {
        app.parse(argc, argv);
        return std::nullopt;
    } catch (const CLI::Success& e) {
        return print_answer(app, e);
    } catch (const CLI::ParseError& e) {
        // CLI11 looks for what is missing first; a typing error in its name is the better answer.
        const auto left = app.remaining();
        if (!left.empty()) refuse_argument(app, left.front());
        refuse(printable(e.what()), fmt::format("{} --help", app.get_name()));
    }
}

} // namespace vmail::tools
