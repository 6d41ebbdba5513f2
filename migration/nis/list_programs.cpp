#include <algorithm>
#include <vector>

#include "list_programs.hpp"

namespace vmail::nis {

namespace {

std::vector<std::string_view> words_of(std::string_view command) {
    constexpr std::string_view separators = "| \t\"'";
    std::vector<std::string_view> words;
    while (true) {
        const std::size_t start = command.find_first_not_of(separators);
        if (start == std::string_view::npos) return words;
        command.remove_prefix(start);
        words.push_back(command.substr(0, command.find_first_of(separators)));
        command.remove_prefix(words.back().size());
    }
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

list_program parse_mailman(const std::vector<std::string_view>& words) {
    if (words.size() < 3) return {};
    if (words[1] == "post") return {list_program::kind::post, words[2]};
    return {list_program::kind::companion};
}

list_program parse_majordomo(const std::vector<std::string_view>& words) {
    if (words.size() < 3) return {};
    if (words[1] != "resend") return {list_program::kind::companion};
    const auto option = std::find(words.begin(), words.end(), "-l");
    if (option == words.end() || words.end() - option < 3) return {};
    // "NAME-outgoing,nobody" is how some keep an empty list from being an error.
    const std::string_view outgoing = words.back().substr(0, words.back().find(','));
    return {list_program::kind::resend, *(option + 1), outgoing};
}

} // namespace

list_program parse_list_program(std::string_view command) {
    const auto words = words_of(command);
    if (words.empty()) return {};
    const std::string_view program = base_name(words.front());
    if (program == "mailman" || (program == "wrapper" && words.front().find("mailman") != std::string_view::npos)) return parse_mailman(words);
    if (program == "wrapper") return parse_majordomo(words);
    return {};
}

} // namespace vmail::nis
