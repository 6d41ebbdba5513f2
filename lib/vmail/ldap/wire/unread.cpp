#include <vmail/ldap/wire/unread.hpp>

#include <algorithm>

#include <vmail/ascii.hpp>

namespace vmail::ldap::wire {

namespace {

bool holds_lines_of_a_record(std::string_view attribute) noexcept { return ascii::iequals(attribute, "reqMod") || ascii::iequals(attribute, "reqOld"); }

} // namespace

bool is_unread(const std::vector<std::string>& names, std::string_view attribute) noexcept {
    const auto bare = attribute.substr(0, attribute.find(';'));
    return std::any_of(names.begin(), names.end(), [bare](const std::string& name) { return ascii::iequals(name, bare); });
}

std::string_view value_to_read(const std::vector<std::string>& names, std::string_view attribute, std::string_view value) {
    if (names.empty() || !holds_lines_of_a_record(attribute) || !is_unread(names, value.substr(0, value.find(':')))) return value;
    const auto blank = value.find(' ');
    return value.substr(0, blank == std::string_view::npos ? blank : blank + 1);
}

} // namespace vmail::ldap::wire
