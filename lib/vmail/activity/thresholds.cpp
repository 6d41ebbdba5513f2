#include <algorithm>
#include <charconv>
#include <vector>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/activity/account_name.hpp>
#include <vmail/activity/thresholds.hpp>

namespace vmail::activity {

namespace {

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    for (std::size_t at = 0; at < line.size();) {
        const auto begin = line.find_first_not_of(" \t\r", at);
        if (begin == std::string_view::npos) break;
        at = std::min(line.find_first_of(" \t\r", begin), line.size());
        words.push_back(line.substr(begin, at - begin));
    }
    return words;
}

std::optional<threshold> threshold_named(std::string_view name) {
    const auto* const at = std::find(threshold_names.begin(), threshold_names.end(), name);
    return at == threshold_names.end() ? std::nullopt : std::optional(static_cast<threshold>(at - threshold_names.begin()));
}

std::optional<limit_number> parse_limit(std::string_view text) {
    if (text == "none") return limit_number{};
    std::uint64_t n = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (fault != std::errc() || end != text.data() + text.size() || n > 1'000'000'000) return std::nullopt;
    return limit_number(n);
}

} // namespace

void thresholds::read(std::string_view text, const std::string& file) {
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const auto words = words_of(line);
        if (words.empty() || words.front().starts_with('#')) continue;
        const auto refuse = [&](const std::string& why) { throw invalid_value(fmt::format("{}:{}: {}", file, number, why)); };
        if (words.size() != 3) refuse(fmt::format("{} is not of the form \"ACCOUNT-OR-DOMAIN NAME NUMBER\"", quoted(line)));
        const auto name = threshold_named(words[1]);
        if (!name) refuse(fmt::format("there is no threshold {}: they are {}", quoted(words[1]), fmt::join(threshold_names, ", ")));
        const auto limit = parse_limit(words[2]);
        if (!limit) refuse(fmt::format("{} is neither a number nor none", quoted(words[2])));
        if (!others_[account_name(words[0])].emplace(*name, *limit).second) refuse(fmt::format("{} of {} is set already", words[1], printable(words[0])));
    }
}

limit_number thresholds::of(threshold t, std::string_view account) const {
    const auto at = account.rfind('@');
    for (const auto who : {account, at == std::string_view::npos ? std::string_view() : account.substr(at + 1)}) {
        const auto known = others_.find(who);
        if (known == others_.end()) continue;
        if (const auto own = known->second.find(t); own != known->second.end()) return own->second;
    }
    return of_site_[static_cast<std::size_t>(t)];
}

limit_number thresholds::least(threshold t) const {
    limit_number least = of_site_[static_cast<std::size_t>(t)];
    for (const auto& [who, own] : others_)
        if (const auto at = own.find(t); at != own.end() && at->second) least = least ? std::min(*least, *at->second) : *at->second;
    return least;
}

} // namespace vmail::activity
