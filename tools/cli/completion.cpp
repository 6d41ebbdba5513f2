#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "completion.hpp"

namespace vmail::tools {

namespace {

namespace fs = std::filesystem;

bool takes_value(const CLI::Option& o) { return o.get_items_expected_max() > 0 && o.get_name() != "--sandbox"; }

/// Of the command or of one above it, which all commands take.
const CLI::Option* find_flag(const CLI::App& command, const std::string& name) {
    for (const CLI::App* at = &command; at != nullptr; at = at->get_parent())
        if (const auto* const found = at->get_option_no_throw(name)) return found;
    return nullptr;
}

const CLI::App* find_command(const CLI::App& at, const std::string& name) {
    const auto found = at.get_subcommands([&](const CLI::App* c) { return c->check_name(name); });
    return found.empty() ? nullptr : found.front();
}

bool is_long(std::string_view word) { return word.starts_with("--") && word.size() > 2; }
bool is_flag(std::string_view word) { return word.size() > 1 && word.front() == '-'; }

/// One word that is whole.
void pass(completion_place& place, const std::string& word) {
    if (place.flag != nullptr) {
        place.flag = nullptr;
        return;
    }
    if (place.only_names) return;
    if (word == "--") {
        place.only_names = true;
        return;
    }
    if (is_flag(word)) {
        const auto* const flag = word.find('=') == std::string::npos ? find_flag(*place.command, word) : nullptr;
        if (flag != nullptr && takes_value(*flag)) place.flag = flag;
        return;
    }
    if (const auto* const inner = find_command(*place.command, word)) place.command = inner;
}

/// "--output=js" is a value of --output.
void look_at_word(completion_place& place) {
    const auto sign = place.word.find('=');
    if (place.flag == nullptr && !place.only_names && is_long(place.word) && sign != std::string::npos) {
        place.flag = find_flag(*place.command, place.word.substr(0, sign));
        place.begun = place.word.substr(0, sign + 1);
        place.word.erase(0, sign + 1);
    }
    if (place.flag == nullptr || place.flag->get_delimiter() != ',') return;
    const auto comma = place.word.rfind(',');
    if (comma == std::string::npos) return;
    place.begun += place.word.substr(0, comma + 1);
    place.word.erase(0, comma + 1);
}

void add_flags(std::vector<std::string>& words, const CLI::App& command) {
    for (const auto* o : command.get_options())
        for (const auto& name : o->get_lnames()) words.push_back("--" + name);
}

} // namespace

completion_place find_place(const CLI::App& root, const std::vector<std::string>& words) {
    completion_place place{.command = &root};
    if (words.empty()) return place;
    std::for_each(words.begin(), words.end() - 1, [&](const auto& word) { pass(place, word); });
    place.word = words.back();
    look_at_word(place);
    return place;
}

std::vector<std::string> known_words(const completion_place& place) {
    std::vector<std::string> words;
    if (place.flag != nullptr || place.only_names) return words;
    if (place.word.starts_with("-")) {
        for (const CLI::App* at = place.command; at != nullptr; at = at->get_parent()) add_flags(words, *at);
    } else
        for (const auto* c : place.command->get_subcommands([](const CLI::App*) { return true; })) words.push_back(c->get_name());
    std::erase_if(words, [&](const auto& w) { return !w.starts_with(place.word); });
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    return words;
}

std::vector<std::string> paths(const std::string& begun) {
    const auto slash = begun.rfind('/');
    const std::string above = slash == std::string::npos ? "" : begun.substr(0, slash + 1), name = begun.substr(above.size());
    std::vector<std::string> found;
    std::error_code fault;
    for (fs::directory_iterator at(above.empty() ? "." : above, fs::directory_options::skip_permission_denied, fault), end; !fault && at != end; at.increment(fault)) {
        const std::string one = at->path().filename().native();
        const bool hidden = one.starts_with('.') && !name.starts_with('.');
        if (one.starts_with(name) && !hidden) found.push_back(above + one + (at->is_directory(fault) ? "/" : ""));
    }
    std::sort(found.begin(), found.end());
    return found;
}

bool is_plain_word(const std::string& word) noexcept {
    static constexpr std::string_view marks = "@._+-=/:,%";
    return std::all_of(word.begin(), word.end(), [](char c) { return ascii::is_alnum(c) || marks.find(c) != std::string_view::npos; });
}

namespace {

struct script {
    std::string_view shell, text;
};

// readline parts words at "@", "=" and ":" as well, and replaces only what is behind the last of them.
constexpr std::array scripts = {
    script{"bash", R"(_mailctl() {
    local line=${COMP_LINE:0:COMP_POINT} words word before
    read -ra words <<<"$line"
    [[ $line != *[[:space:]] ]] || words+=('')
    word=${words[-1]}
    mapfile -t COMPREPLY < <("${words[0]}" complete -- "${words[@]:1}" 2>/dev/null)
    before=${word%"${word##*[@=:]}"}
    COMPREPLY=("${COMPREPLY[@]#"$before"}")
    [[ ${#COMPREPLY[@]} != 1 || ${COMPREPLY[0]} != *[/=@] ]] || compopt -o nospace
}
complete -F _mailctl mailctl
)"},
    script{"zsh", R"(#compdef mailctl
_mailctl() {
    local -a candidates
    candidates=("${(@f)$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    compadd -S '' -- ${(M)candidates:#*[/=@]}
    compadd -- ${candidates:#*[/=@]}
}
compdef _mailctl mailctl
)"},
    script{"fish", R"(complete -c mailctl -f -a '(set -l words (commandline -opc); $words[1] complete -- $words[2..] (commandline -ct) 2>/dev/null)'
)"},
};

} // namespace

std::string completion_script(const std::string& shell) {
    const auto found = std::find_if(scripts.begin(), scripts.end(), [&](const script& s) { return s.shell == shell; });
    if (found != scripts.end()) return std::string(found->text);
    throw error(error_kind::usage, fmt::format("there is no completion for {}", vmail::quoted(shell)), {.hint = "there is for bash, zsh and fish"});
}

} // namespace vmail::tools
