#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace vmail {

/// "a", "a and b", "a, b and c", as a sentence has it.
inline std::string enumerated(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
    return text;
}

} // namespace vmail
