#include <algorithm>

#include <vmail/ascii.hpp>

#include <vmail/ldap/hex.hpp>

#include <vmail/ldap/filter_item.hpp>

namespace vmail::ldap {

namespace {

/// A filter's text is well-formed, whoever made it: parentheses and asterisks in values are escaped.
std::string unescaped(std::string_view text) {
    std::string value;
    while (!text.empty()) {
        const bool escape = text.front() == '\\';
        value += escape ? decode_hex_pair(text.substr(1)).value_or('\\') : text.front();
        text.remove_prefix(std::min<std::size_t>(escape ? 3 : 1, text.size()));
    }
    return value;
}

std::vector<std::string> pieces_of(std::string_view text) {
    std::vector<std::string> pieces;
    while (true) {
        const auto asterisk = text.find('*');
        if (const auto piece = text.substr(0, asterisk); !piece.empty()) pieces.push_back(unescaped(piece));
        if (asterisk == std::string_view::npos) return pieces;
        text.remove_prefix(asterisk + 1);
    }
}

comparison simple_comparison(std::string_view value) {
    if (value == "*") return comparison::presence;
    return value.find('*') == std::string_view::npos ? comparison::equality : comparison::substrings;
}

/// [attribute] [":dn"] [":" rule]
void read_extensible(filter_item& item, std::string_view left) {
    item.comparison = comparison::extensible;
    item.attribute = left.substr(0, left.find(':'));
    left.remove_prefix(item.attribute.size());
    if (ascii::istarts_with(left, ":dn") && (left.size() == 3 || left[3] == ':')) left.remove_prefix(3);
    if (!left.empty()) item.rule = left.substr(1);
}

/// What stands before the value: "mail", "quota>", "cn:dn:caseExactMatch:".
void read_left(filter_item& item, std::string_view left, std::string_view value) {
    switch (left.empty() ? '\0' : left.back()) {
    case ':': return read_extensible(item, left.substr(0, left.size() - 1));
    case '<':
    case '>': item.comparison = comparison::ordering; break;
    case '~': item.comparison = comparison::approximate; break;
    default: item.comparison = simple_comparison(value); item.attribute = left; return;
    }
    item.attribute = left.substr(0, left.size() - 1);
}

filter_item read_item(std::string_view text) {
    filter_item item{.text = "(" + std::string(text) + ")"};
    const auto equals = text.find('=');
    const auto value = text.substr(equals + 1);
    read_left(item, text.substr(0, equals), value);
    if (item.comparison == comparison::substrings)
        item.values = pieces_of(value);
    else if (item.comparison != comparison::presence)
        item.values = {unescaped(value)};
    return item;
}

} // namespace

std::vector<filter_item> items_of(const filter& f) {
    std::vector<filter_item> items;
    std::string_view text = f.text();
    while (!text.empty()) {
        const bool opens_item = text.size() > 1 && text[0] == '(' && std::string_view("&|!").find(text[1]) == std::string_view::npos;
        if (!opens_item) {
            text.remove_prefix(1);
            continue;
        }
        const auto end = text.find(')');
        items.push_back(read_item(text.substr(1, end - 1)));
        text.remove_prefix(std::min(end, text.size()));
    }
    return items;
}

} // namespace vmail::ldap
