#include <algorithm>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/role_addresses.hpp>
#include <vmail/schema.hpp>

namespace vmail {

namespace {

bool holds(const std::vector<std::string>& names, std::string_view name) noexcept {
    return std::any_of(names.begin(), names.end(), [&](const std::string& n) { return ascii::iequals(n, name); });
}

void require_local_part(const std::string& name) {
    if (const address a = address::parse(name + "@example.org"); a.local_part() != name || name.find('@') != std::string::npos)
        throw invalid_value(quoted(name) + " is not the local part of an address");
}

} // namespace

role_addresses::role_addresses() : others_{"abuse"} {}

role_addresses role_addresses::of(const std::vector<std::string>& local_parts) {
    std::vector<std::string> others;
    for (const std::string& name : local_parts) {
        require_local_part(name);
        if (holds(others, name)) throw invalid_value(quoted(name) + " is given twice");
        if (!ascii::iequals(name, schema::postmaster)) others.push_back(name);
    }
    return role_addresses(std::move(others));
}

bool role_addresses::has(std::string_view local_part) const noexcept {
    return ascii::iequals(local_part, schema::postmaster) || holds(others_, local_part);
}

std::vector<address> role_addresses::in(const domain_name& d) const {
    std::vector<address> all;
    for (const std::string& name : others_) all.push_back(address::make(name, d));
    all.push_back(address::make(schema::postmaster, d));
    return all;
}

} // namespace vmail
