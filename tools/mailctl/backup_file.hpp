#pragma once

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <vmail/timestamp.hpp>

namespace vmail::tools {

/// "tree-20261231T235959Z.ldif"; a second one of the same moment is "tree-20261231T235959Z.2.ldif". In the order in which they were made.
struct backup_name {
    timestamp moment;
    std::size_t number = 1;

    /// Nothing for what is no such name: what somebody else keeps there is no backup.
    static std::optional<backup_name> parse(std::string_view text);
    std::string text() const;

    friend std::strong_ordering operator<=>(const backup_name&, const backup_name&) = default;
};

} // namespace vmail::tools
