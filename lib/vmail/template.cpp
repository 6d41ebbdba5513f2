#include <algorithm>

#include <vmail/ascii.hpp>

#include <vmail/template.hpp>

namespace vmail {

namespace {

bool is_name(std::string_view word) {
    return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) { return ascii::is_upper(c) || ascii::is_digit(c) || c == '_'; });
}

/// The name at the beginning of what follows an @, or nothing.
std::string_view leading_name(std::string_view text) {
    const auto end = text.find('@');
    return end != std::string_view::npos && is_name(text.substr(0, end)) ? text.substr(0, end) : std::string_view();
}

std::string fill_line(std::string_view line, const template_values& value_of) {
    std::string filled;
    for (auto at = line.find('@'); at != std::string_view::npos; at = line.find('@')) {
        filled += line.substr(0, at);
        line.remove_prefix(at + 1);
        const auto name = leading_name(line);
        const auto value = name.empty() ? std::nullopt : value_of(name);
        filled += value ? *value : "@";
        if (value) line.remove_prefix(name.size() + 1);
    }
    return filled.append(line);
}

/// Whether a line is to be there; takes its condition away.
bool is_wanted(std::string_view& line, const template_values& value_of) {
    if (!line.starts_with("@?") && !line.starts_with("@!")) return true;
    const bool if_empty = line[1] == '!';
    const auto name = leading_name(line.substr(2));
    const auto value = name.empty() ? std::nullopt : value_of(name);
    if (!value) return true;
    line.remove_prefix(name.size() + 3);
    return value->empty() == if_empty;
}

} // namespace

std::string fill_template(std::string_view text, const template_values& value_of) {
    std::string filled;
    while (!text.empty()) {
        auto line = text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1);
        text.remove_prefix(line.size());
        if (is_wanted(line, value_of)) filled += fill_line(line, value_of);
    }
    return filled;
}

} // namespace vmail
