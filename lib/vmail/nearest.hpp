#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <vmail/export.hpp>

namespace vmail {

/// The one of the known words that was most likely meant: few letters differ, or two stand in the wrong order, or it is the beginning of that word alone.
/// Empty where none is near.
VMAIL_EXPORT std::string nearest(std::string_view word, const std::vector<std::string_view>& known);

} // namespace vmail
