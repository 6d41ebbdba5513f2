#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "keyword_table.hpp"

namespace vmail::mbox {

namespace {

constexpr unsigned letters = 26;

bool is_keyword(std::string_view word) {
    constexpr std::string_view specials = "(){ %*\"\\]";
    return !word.empty() &&
           std::all_of(word.begin(), word.end(), [&](char c) { return ascii::is_printable(c) && specials.find(c) == std::string_view::npos; });
}

} // namespace

keyword_table keyword_table::parse(std::string_view text) {
    keyword_table table;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::size_t blank = line.find(' ');
        if (blank == std::string_view::npos || blank > 2 || !ascii::is_digits(line.substr(0, blank))) continue;
        unsigned number = 0;
        for (const char c : line.substr(0, blank)) number = number * 10 + static_cast<unsigned>(c - '0');
        if (number >= letters) continue;
        table.numbers_.emplace(line.substr(blank + 1), number);
        table.taken_ |= 1U << number;
    }
    return table;
}

std::optional<char> keyword_table::letter_of(std::string_view keyword) {
    auto found = numbers_.find(keyword);
    if (found == numbers_.end()) {
        unsigned free = 0;
        while (free < letters && (taken_ >> free & 1U)) ++free;
        if (free == letters || !is_keyword(keyword)) return {};
        found = numbers_.emplace(keyword, free).first;
        taken_ |= 1U << free;
        changed_ = true;
    }
    return static_cast<char>('a' + found->second);
}

std::string keyword_table::text() const {
    std::vector<std::pair<unsigned, std::string_view>> rows;
    for (const auto& [keyword, number] : numbers_) rows.emplace_back(number, keyword);
    std::sort(rows.begin(), rows.end());
    std::string text;
    for (const auto& [number, keyword] : rows) text += fmt::format("{} {}\n", number, keyword);
    return text;
}

} // namespace vmail::mbox
