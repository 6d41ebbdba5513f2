#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class Option;
}

namespace vmail::tools {

/// Where on a command line something is about to be typed.
struct completion_place {
    const CLI::App* command = nullptr;  ///< as far as the words before name one
    const CLI::Option* flag = nullptr;  ///< whose value is being typed
    std::string begun{};                ///< what stands in front of the word and stays: "--output=", or the values of a list before the last comma
    std::string word{};                 ///< what is typed of it so far
    bool only_names = false;            ///< behind "--": no flag
};

/// Looks at the words of a command line, of which the last, maybe empty, is the one that is typed.
completion_place find_place(const CLI::App& root, const std::vector<std::string>& words);

/// The commands or flags that may stand there and begin so; none where a name or a value is wanted.
std::vector<std::string> known_words(const completion_place& place);

/// Names of files and folders that begin so, folders with a slash at their end.
std::vector<std::string> paths(const std::string& begun);

/// The words that a flag or an argument takes, or files and folders, as far as its own description says: "text|json", FILE, DIR, PATH.
std::vector<std::string> values_of(const CLI::Option& option, const std::string& begun);

/// What a shell asks a program that has no commands, "PROGRAM --complete -- WORD...": flags, words and files, a line each on standard output, and the exit status.
/// Nothing where something else is asked.
std::optional<int> answer_shell(const CLI::App& program, int argc, const char* const* argv);

/// Whether a shell takes the word as it is. Nothing else is offered: what a directory holds must not become a command.
bool is_plain_word(const std::string& word) noexcept;

/// The script that has a shell, "bash", "zsh" or "fish", ask one of our programs. Throws error(usage) for another shell or program.
std::string completion_script(const std::string& shell, const std::string& program);

} // namespace vmail::tools
