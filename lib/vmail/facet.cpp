#include <fmt/format.h>

#include <vmail/address.hpp>
#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>
#include <vmail/timestamp.hpp>
#include <vmail/utf8.hpp>

#include <vmail/facet.hpp>

namespace vmail {

namespace {

bool is_integer(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    return ascii::is_digits(text);
}

bool is_flag(std::string_view text) { return ascii::iequals(text, "TRUE") || ascii::iequals(text, "FALSE"); }

void check(value_syntax syntax, const std::string& value) {
    switch (syntax) {
    case value_syntax::text:
        if (value.empty() || !utf8::is_valid(value)) throw invalid_value(fmt::format("{} is no text in UTF-8", quoted(value)));
        break;
    case value_syntax::ascii:
        if (value.empty() || !ascii::is_ascii(value)) throw invalid_value(fmt::format("{} is no text in ASCII", quoted(value)));
        break;
    case value_syntax::integer:
        if (!is_integer(value)) throw invalid_value(fmt::format("{} is not a whole number", quoted(value)));
        break;
    case value_syntax::flag:
        if (!is_flag(value)) throw invalid_value(fmt::format("{} is neither TRUE nor FALSE", quoted(value)));
        break;
    case value_syntax::time: timestamp::parse_generalized(value); break;
    }
}

std::string part_of(const address& a, std::string_view word) {
    if (word == "user") return a.local_part();
    if (word == "domain") return a.domain().text();
    if (word == "address") return a.text();
    throw invalid_value(fmt::format("{{{}}} is none of {{user}}, {{domain}}, {{address}}", printable(word)));
}

std::string fill(std::string_view text, const address& a) {
    std::string filled;
    for (auto open = text.find('{'); open != std::string_view::npos; open = text.find('{')) {
        const auto close = text.find('}', open);
        if (close == std::string_view::npos) throw invalid_value(fmt::format("{} is not closed", quoted(text.substr(open))));
        filled += text.substr(0, open);
        filled += part_of(a, text.substr(open + 1, close - open - 1));
        text.remove_prefix(close + 1);
    }
    return filled += text;
}

} // namespace

facet facets::posix_account() {
    return {.name = "posix",
            .classes = {"posixAccount"},
            .rows = {{.attribute = "uid", .several = true, .shared = true},
                     {.attribute = "uidNumber", .syntax = value_syntax::integer},
                     {.attribute = "gidNumber", .syntax = value_syntax::integer},
                     {.attribute = "homeDirectory", .syntax = value_syntax::ascii, .initial = "/home/{domain}/{user}"},
                     {.attribute = "loginShell", .syntax = value_syntax::ascii},
                     {.attribute = "gecos", .syntax = value_syntax::ascii}}};
}

void check_values(const facet_row& row, const std::vector<std::string>& values) {
    if (values.size() > 1 && !row.several) throw invalid_value(fmt::format("it has {} values where one is expected", values.size()));
    for (const std::string& value : values) check(row.syntax, value);
}

std::string initial_value(const facet_row& row, const address& a) {
    try {
        std::string value = fill(row.initial, a);
        check(row.syntax, value);
        return value;
    } catch (const invalid_value& fault) {
        throw invalid_value(fmt::format("{}: {}", row.attribute, fault.what()));
    }
}

void erase(facet_values& values, const facet& f) {
    for (const facet_row& row : f.rows)
        if (!row.shared) values.erase(row.attribute);
}

} // namespace vmail
