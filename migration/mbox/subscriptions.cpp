#include <algorithm>
#include <set>

#include "subscriptions.hpp"

namespace vmail::mbox {

namespace {

constexpr std::string_view version_2 = "V\t2\n";

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> pieces;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        pieces.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return pieces;
}

/// What Dovecot does to bytes that would break its line: \001 and a letter.
std::string unescape(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\001' || i + 1 == text.size()) {
            plain += text[i];
            continue;
        }
        const char c = text[++i];
        plain += c == '0' ? '\0' : c == '1' ? '\001' : c == 't' ? '\t' : c == 'r' ? '\r' : c == 'n' ? '\n' : c;
    }
    return plain;
}

folder_name plain_folder(std::string_view line, std::string_view tree) {
    if (line.starts_with("~/")) line.remove_prefix(2);
    if (!tree.empty() && line.starts_with(tree) && line.substr(tree.size()).starts_with('/')) line.remove_prefix(tree.size() + 1);
    return folder_name::of_text(line);
}

folder_name tabbed_folder(std::string_view line) {
    std::vector<std::string> names;
    for (const std::string_view piece : split(line, '\t')) names.push_back(unescape(piece));
    return names.size() == 1 ? folder_name::of_text(names.front()) : folder_name::of_path(names);
}

/// Adds the lines that are not there.
std::string add_lines(std::string_view text, const std::vector<std::string>& lines) {
    const auto there = split(text, '\n');
    const std::set<std::string_view> known(there.begin(), there.end());
    std::string all(text);
    if (!all.empty() && all.back() != '\n') all += '\n';
    bool added = false;
    for (const std::string& line : lines) {
        if (known.count(line)) continue;
        all += line + '\n';
        added = true;
    }
    return added ? all : std::string(text);
}

} // namespace

std::vector<folder_name> parse_subscriptions(std::string_view text, std::string_view tree) {
    const bool tabbed = text.starts_with(version_2);
    if (tabbed) text.remove_prefix(version_2.size());
    std::vector<folder_name> folders;
    for (std::string_view line : split(text, '\n')) {
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() || line.starts_with('{')) continue;
        folders.push_back(tabbed ? tabbed_folder(line) : plain_folder(line, tree));
    }
    return folders;
}

std::string add_to_dovecot(std::string_view text, const std::set<folder_name>& folders) {
    const bool tabbed = text.starts_with(version_2);
    std::vector<std::string> lines;
    for (const folder_name& folder : folders) {
        lines.push_back(folder.imap());
        // No part of a Maildir++ name has a dot in it.
        if (tabbed) std::replace(lines.back().begin(), lines.back().end(), '.', '\t');
    }
    return add_lines(text, lines);
}

std::string add_to_courier(std::string_view text, const std::set<folder_name>& folders) {
    std::vector<std::string> lines;
    for (const folder_name& folder : folders) lines.push_back("INBOX" + folder.directory());
    return add_lines(text, lines);
}

} // namespace vmail::mbox
