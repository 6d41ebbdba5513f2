#include <algorithm>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "other_attributes.hpp"

namespace vmail::tools {

namespace {

/// attributedescription of RFC 4512 section 2.5, in its common form.
bool is_attribute(const std::string& name) {
    const auto fits = [](char c) { return ascii::is_alnum(c) || c == '-' || c == ';'; };
    return !name.empty() && ascii::is_alpha(name.front()) && std::all_of(name.begin(), name.end(), fits);
}

std::vector<std::string>& of(attribute_values& all, const std::string& name) {
    const auto there = std::find_if(all.begin(), all.end(), [&](const auto& one) { return ascii::iequals(one.first, name); });
    return there == all.end() ? all[name] : there->second;
}

} // namespace

void add_other_attributes_flag(CLI::App& verb, std::vector<std::string>& assignments) {
    verb.add_option("--set", assignments, "any other attribute, such as telephoneNumber=...; repeat it for several values, leave the value out to remove it")
        ->type_name("ATTRIBUTE=VALUE")
        ->allow_extra_args(false);
}

attribute_values parse_other_attributes(const std::vector<std::string>& assignments) {
    attribute_values all;
    for (const std::string& text : assignments) {
        const auto sign = text.find('=');
        const std::string name = text.substr(0, sign);
        if (sign == std::string::npos || !is_attribute(name))
            throw invalid_value(fmt::format("--set takes ATTRIBUTE=VALUE, not {}", vmail::quoted(text)), {.hint = "as in --set telephoneNumber=\"+39 040 1234\""});
        auto& values = of(all, name);
        std::string value = text.substr(sign + 1);
        if (!value.empty() && std::find(values.begin(), values.end(), value) == values.end()) values.push_back(std::move(value));
    }
    return all;
}

} // namespace vmail::tools
