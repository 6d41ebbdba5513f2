#pragma once

#include <string>
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

/// Whether a shell takes the word as it is. Nothing else is offered: what a directory holds must not become a command.
bool is_plain_word(const std::string& word) noexcept;

/// The script that has a shell ask "mailctl complete": "bash", "zsh" or "fish". Throws error(usage) for another.
std::string completion_script(const std::string& shell);

} // namespace vmail::tools
