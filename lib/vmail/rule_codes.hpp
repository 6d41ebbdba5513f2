#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

/// Tables of rules that are called by their codes, in any case of the letters. Internal.
namespace vmail::rule_codes {

inline bool names(const std::vector<std::string>& codes, std::string_view code) noexcept {
    return std::any_of(codes.begin(), codes.end(), [code](const std::string& c) { return ascii::iequals(c, code); });
}

template <typename Rule> std::optional<Rule> find(std::span<const Rule> all, std::string_view code) noexcept {
    const auto it = std::find_if(all.begin(), all.end(), [code](const Rule& r) { return ascii::iequals(r.code, code); });
    return it != all.end() ? std::optional(*it) : std::nullopt;
}

/// Throws invalid_value for a code that no rule has.
template <typename Rule> void require_known(std::span<const Rule> all, const std::vector<std::string>& codes) {
    for (const std::string& c : codes)
        if (!find(all, c)) throw invalid_value("there is no rule " + vmail::quoted(c));
}

} // namespace vmail::rule_codes
