#include <unistd.h>

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
#include "fd_stream.hpp"

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

/// "FILE" of "FILE (-)", and of a flag that takes one of some words these.
std::string form_of(const CLI::Option& option) {
    const std::string text = option.get_option_text().empty() || option.get_option_text() == " " ? option.get_type_name() : option.get_option_text();
    return text.substr(0, text.find(' '));
}

std::vector<std::string> parts_of(const std::string& words) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0, end; begin <= words.size(); begin = end + 1) {
        end = std::min(words.find('|', begin), words.size());
        parts.push_back(words.substr(begin, end - begin));
    }
    return parts;
}

bool is_path(std::string_view form) {
    static constexpr std::array<std::string_view, 4> forms = {"FILE", "DIR", "[DIR]", "PATH"};
    return std::find(forms.begin(), forms.end(), form) != forms.end();
}

std::vector<std::string> plain_candidates(const completion_place& place) {
    if (place.flag != nullptr) return values_of(*place.flag, place.word);
    if (place.word.starts_with("-") && !place.only_names) return known_words(place);
    const auto names = place.command->get_options([](const CLI::Option* o) { return o->get_positional(); });
    return names.empty() || !is_path(names.front()->get_name(true, false)) ? std::vector<std::string>{} : paths(place.word);
}

} // namespace

std::vector<std::string> values_of(const CLI::Option& option, const std::string& begun) {
    const std::string form = form_of(option);
    if (is_path(form)) return paths(begun);
    return form.find('|') == std::string::npos ? std::vector<std::string>{} : parts_of(form);
}

std::optional<int> answer_shell(const CLI::App& program, int argc, const char* const* argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() < 3 || words[0] != "--complete" || words[1] != "--") return std::nullopt;
    const auto place = find_place(program, {words.begin() + 2, words.end()});
    fd_stream out(STDOUT_FILENO, "standard output");
    for (const auto& word : plain_candidates(place))
        if (word.starts_with(place.word) && is_plain_word(word)) out << place.begun << word << '\n';
    out.flush();
    return 0;
}

namespace {

struct script {
    std::string_view shell, text;
};

// readline parts words at "@", "=" and ":" as well, and replaces only what is behind the last of them. zsh runs the file of a function at the first call of it.
constexpr std::array scripts = {
    script{"bash", R"(%function() {
    local line=${COMP_LINE:0:COMP_POINT} words word before
    read -ra words <<<"$line"
    [[ $line != *[[:space:]] ]] || words+=('')
    word=${words[-1]}
    mapfile -t COMPREPLY < <("${words[0]}" %question -- "${words[@]:1}" 2>/dev/null)
    before=${word%"${word##*[@=:]}"}
    COMPREPLY=("${COMPREPLY[@]#"$before"}")
    [[ ${#COMPREPLY[@]} != 1 || ${COMPREPLY[0]} != *[/=@] ]] || compopt -o nospace
}
complete -F %function %program
)"},
    script{"zsh", R"(#compdef %program
%function() {
    local -a candidates
    candidates=("${(@f)$("${words[1]}" %question -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    compadd -S '' -- ${(M)candidates:#*[/=@]}
    compadd -- ${candidates:#*[/=@]}
}
if [ "${funcstack[1]}" = _%program ]; then %function; else compdef %function %program; fi
)"},
    script{"fish", R"(complete -c %program -f -a '(set -l words (commandline -opc); $words[1] %question -- $words[2..] (commandline -ct) 2>/dev/null)'
)"},
};

constexpr std::array<std::string_view, 5> programs = {"mailctl", "mailctl-expire", "mailctl-notify", "mbox2maildir", "nis2ldif"};

std::string replaced(std::string text, std::string_view mark, std::string_view what) {
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + what.size())) text.replace(at, mark.size(), what);
    return text;
}

std::string script_for(std::string_view text, std::string_view program) {
    std::string function = '_' + std::string(program);
    std::replace(function.begin(), function.end(), '-', '_');
    const auto asked = replaced(replaced(std::string(text), "%question", program == "mailctl" ? "complete" : "--complete"), "%function", function);
    return replaced(asked, "%program", program);
}

} // namespace

std::string completion_script(const std::string& shell, const std::string& program) {
    if (std::find(programs.begin(), programs.end(), program) == programs.end())
        throw error(error_kind::usage, fmt::format("there is no completion of {}", vmail::quoted(program)), {.hint = fmt::format("there is of {}", fmt::join(programs, ", "))});
    const auto found = std::find_if(scripts.begin(), scripts.end(), [&](const script& s) { return s.shell == shell; });
    if (found != scripts.end()) return script_for(found->text, program);
    throw error(error_kind::usage, fmt::format("there is no completion for {}", vmail::quoted(shell)), {.hint = "there is for bash, zsh and fish"});
}

} // namespace vmail::tools
