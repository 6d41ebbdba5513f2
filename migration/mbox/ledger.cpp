#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>

#include "ledger.hpp"

namespace vmail::mbox {

namespace {

constexpr std::string_view first_line = "mbox2maildir ledger 1";
constexpr std::string_view last_line = "end";

int nibble(char c) { return ascii::is_digit(c) ? c - '0' : c - 'a' + 10; }

std::optional<checksum> sum_of(std::string_view digits) {
    if (digits.size() != 64 || !std::all_of(digits.begin(), digits.end(), [](char c) { return ascii::is_digit(c) || (c >= 'a' && c <= 'f'); }))
        return {};
    checksum sum;
    for (std::size_t i = 0; i < sum.bytes.size(); ++i)
        sum.bytes[i] = static_cast<unsigned char>(nibble(digits[i * 2]) << 4 | nibble(digits[i * 2 + 1]));
    return sum;
}

[[noreturn]] void refuse() {
    throw invalid_value("the ledger of mbox2maildir in the Maildir is damaged", {.hint = "restore it; without it deleted mail would come back"});
}

std::string_view take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) refuse();
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

} // namespace

ledger ledger::parse(std::string_view text) {
    ledger l;
    if (take_line(text) != first_line) refuse();
    counts* folder = nullptr;
    while (true) {
        const std::string_view line = take_line(text);
        if (line == last_line) break;
        if (line.starts_with("folder ")) {
            folder = &l.folders_[std::string(line.substr(7))];
            continue;
        }
        const auto sum = sum_of(line);
        if (!sum || !folder) refuse();
        ++(*folder)[*sum];
    }
    if (!text.empty()) refuse();
    return l;
}

std::string ledger::text() const {
    std::string text = fmt::format("{}\n", first_line);
    for (const auto& [folder, sums] : folders_) {
        text += fmt::format("folder {}\n", folder);
        std::vector<const counts::value_type*> sorted;
        for (const auto& row : sums) sorted.push_back(&row);
        std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
        for (const auto* row : sorted)
            for (std::size_t i = 0; i < row->second; ++i) {
                row->first.append_hex_to(text);
                text += '\n';
            }
    }
    return text.append(last_line).append("\n");
}

const ledger::counts* ledger::find(const std::string& folder) const {
    const auto found = folders_.find(folder);
    return found == folders_.end() ? nullptr : &found->second;
}

void ledger::record(const std::string& folder) { changed_ |= folders_.try_emplace(folder).second; }

void ledger::record(const std::string& folder, const checksum& identity, std::size_t times) {
    record(folder);
    std::size_t& known = folders_[folder][identity];
    if (known >= times) return;
    known = times;
    changed_ = true;
}

} // namespace vmail::mbox
