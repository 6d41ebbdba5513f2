#pragma once

#include <array>
#include <ostream>
#include <string_view>
#include <vector>

#include "aliases.hpp"
#include "group.hpp"
#include "netgroup.hpp"
#include "options.hpp"
#include "passwd.hpp"
#include "report.hpp"
#include "resolve.hpp"
#include "shadow.hpp"

namespace vmail::nis {

/// All that the maps said, read and resolved.
struct tables {
    passwd_table users;
    shadow_table shadow;
    shadow_table adjunct;
    alias_table aliases; ///< with postmaster and abuse, also where no map defines them
    resolution resolved;
    bool has_groups = false; ///< a group map was given, maybe an empty one
    std::vector<group> groups;
    bool has_netgroups = false;
    std::vector<netgroup> netgroups;
};

/// What every domain has: postmaster and abuse.
bool is_domain_alias(std::string_view name) noexcept;
inline constexpr std::array<std::string_view, 2> domain_aliases = {"postmaster", "abuse"};

/// Writes the entries of all tables, parents first, on several threads: pieces of the tables are made side by side and written in their order.
entry_counts write_entries(const tables& t, const options& o, std::ostream& out);

} // namespace vmail::nis
