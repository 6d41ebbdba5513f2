#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <vmail/ldap/filter.hpp>

namespace vmail::ldap {

enum class comparison { presence, equality, substrings, ordering, approximate, extensible };

/// One comparison of a filter, taken apart: "(mail=bob*)". Internal.
struct filter_item {
    ldap::comparison comparison{};
    std::string attribute{};             ///< a description with its options; empty in an extensible match of all attributes
    std::string rule{};                  ///< of an extensible match, or empty: that of equality
    std::vector<std::string> values{};   ///< unescaped; of substrings the pieces, of presence none
    std::string text{};                  ///< as it stands in the filter
};

/// All comparisons of a filter, from left to right.
std::vector<filter_item> items_of(const filter& f);

} // namespace vmail::ldap
