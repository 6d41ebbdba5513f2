#pragma once

#include <cstddef>
#include <string>

namespace CLI {
class App;
}

namespace vmail::tools {

/// The columns that there are for help: those of the terminal, within reason, or 80 where standard output is none.
std::size_t help_width() noexcept;

/// All about one command, or a program that has none: how it is written, examples, its arguments and flags, the names of the flags that all commands take, and its page.
std::string help_text(const CLI::App& command, std::size_t width);

/// Each noun with its verbs, and what the application says below its help: on one screen.
std::string overview_text(const CLI::App& application, std::size_t width);

/// "mailctl mailbox add".
std::string path_of(const CLI::App& command);

} // namespace vmail::tools
