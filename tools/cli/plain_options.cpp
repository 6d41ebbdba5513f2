#include <unistd.h>

#include <vmail/printable.hpp>

#include "fd_stream.hpp"
#include "plain_options.hpp"

namespace vmail::tools {

void refuse(const std::string& sentence, std::string hint) { throw error(error_kind::usage, sentence, {.hint = std::move(hint)}); }

std::string unknown_argument(const std::string& argument) {
    if (argument.substr(0, 1) == "-") return fmt::format("there is no option {}", printable(argument.substr(0, argument.find('='))));
    return fmt::format("{} is one argument too many", vmail::quoted(argument));
}

int print_answer(const CLI::App& app, const CLI::Success& asked) {
    fd_stream out(STDOUT_FILENO, "standard output");
    const int status = app.exit(asked, out, out);
    out.flush();
    return status;
}

std::optional<int> parse_plain(CLI::App& app, int argc, const char* const* argv) {
    try {
        app.parse(argc, argv);
        return std::nullopt;
    } catch (const CLI::Success& e) {
        return print_answer(app, e);
    } catch (const CLI::ParseError& e) {
        // CLI11 looks for what is missing first; a typing error in its name is the better answer.
        const auto left = app.remaining();
        refuse(left.empty() ? printable(e.what()) : unknown_argument(left.front()), fmt::format("see {} --help", app.get_name()));
    }
}

} // namespace vmail::tools
