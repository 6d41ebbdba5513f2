#include <algorithm>
#include <cstddef>
#include <utility>

#include <vmail/ascii.hpp>

#include <vmail/fold.hpp>
#include <vmail/person_name.hpp>

namespace vmail {

namespace {

constexpr std::size_t max_local_part = 64;
constexpr std::size_t most_words = 8;

std::string with_blanks(std::string_view name) {
    std::string out;
    for (std::size_t hard = 0; (hard = name.find(no_break_space)) != std::string_view::npos; name.remove_prefix(hard + no_break_space.size()))
        (out += name.substr(0, hard)) += ' ';
    return out += name;
}

std::vector<std::string> folded_words(std::string_view name, umlauts how) {
    std::vector<std::string> words;
    std::string spaced;
    if (name.find(no_break_space) != std::string_view::npos) name = spaced = with_blanks(name);
    while (!name.empty() && words.size() < most_words) {
        const std::size_t blank = name.find(' ');
        std::string word = fold_word(name.substr(0, blank), how);
        if (!word.empty()) words.push_back(std::move(word));
        name.remove_prefix(blank == std::string_view::npos ? name.size() : blank + 1);
    }
    return words;
}

using word_iterator = std::vector<std::string>::const_iterator;

std::string glue(word_iterator first, word_iterator last) {
    std::string out;
    for (; first != last; ++first) out += *first;
    return out;
}

std::string join(word_iterator first, word_iterator cut, word_iterator last) { return glue(first, cut) + '.' + glue(cut, last); }

bool is_usable(std::string_view local_part) {
    // maildir_path() takes no hyphen in front.
    return local_part.size() <= max_local_part && ascii::is_alnum(local_part.front());
}

/// What folded_words() and join() give for nearly all names, without a word in between.
void append_ascii_words(std::string_view name, std::string& out) {
    const std::size_t start = out.size();
    std::size_t words = 0;
    while (!name.empty() && words < most_words) {
        const std::size_t blank = name.find(' ');
        const std::size_t before = out.size();
        for (const char c : name.substr(0, blank))
            if (ascii::is_alnum(c) || c == '-') out += c;
        if (out.size() > before && ++words == 1) out += '.';
        name.remove_prefix(blank == std::string_view::npos ? name.size() : blank + 1);
    }
    if (words < 2) out.resize(start);
}

void add_cuts(const std::vector<std::string>& words, std::vector<std::string>& out) {
    for (std::size_t end = words.size(); end > 1; --end)
        for (std::size_t cut = 1; cut < end; ++cut) {
            const auto at = [&words](std::size_t i) { return words.begin() + static_cast<std::ptrdiff_t>(i); };
            out.push_back(join(at(0), at(cut), at(end)));
        }
}

} // namespace

void append_name_surname(std::string_view full_name, std::string& out) {
    const std::size_t start = out.size();
    if (ascii::is_ascii(full_name)) {
        append_ascii_words(full_name, out);
    } else if (const auto words = folded_words(full_name, umlauts::bare); words.size() > 1) {
        out += join(words.begin(), words.begin() + 1, words.end());
    }
    const std::string_view made = std::string_view(out).substr(start);
    if (made.empty() || !is_usable(made)) out.resize(start);
}

std::string name_surname(std::string_view given_name, std::string_view surname) {
    const auto given = folded_words(given_name, umlauts::bare), last = folded_words(surname, umlauts::bare);
    if (given.empty() || last.empty()) return {};
    std::string made = glue(given.begin(), given.end()) + '.' + glue(last.begin(), last.end());
    return is_usable(made) ? made : std::string();
}

std::vector<std::string> name_surname_spellings(std::string_view full_name) {
    std::vector<std::string> spellings;
    for (const umlauts how : {umlauts::bare, umlauts::german}) {
        auto words = folded_words(full_name, how);
        add_cuts(words, spellings);
        if (words.size() > 1) {
            if (words.size() > 2) spellings.push_back(words.front() + '.' + words.back());
            std::rotate(words.begin(), words.begin() + 1, words.end());
            spellings.push_back(join(words.begin(), words.end() - 1, words.end()));
            std::rotate(words.begin(), words.end() - 2, words.end());
            spellings.push_back(join(words.begin(), words.begin() + 1, words.end()));
        }
    }
    return spellings;
}

} // namespace vmail
