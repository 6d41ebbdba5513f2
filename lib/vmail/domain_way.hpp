#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <vmail/ascii.hpp>
#include <vmail/domain_name.hpp>

/// What says of a domain, among its names, where it is on its way to before it is called so. No domain has such a name, and no daemon asks for it. Internal.
namespace vmail::domain_way {

inline constexpr std::string_view mark = "to:";

inline std::string mark_of(const domain_name& to) { return std::string(mark) + to.text(); }

/// Where it leads, of a name that is such a mark.
inline std::optional<std::string> goal_of(std::string_view name) {
    if (!ascii::iequals(name.substr(0, mark.size()), mark)) return std::nullopt;
    return std::string(name.substr(mark.size()));
}

} // namespace vmail::domain_way
