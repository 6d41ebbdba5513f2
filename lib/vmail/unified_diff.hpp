#pragma once

#include <string>
#include <string_view>

#include <vmail/export.hpp>

namespace vmail {

/// What makes the second text of the first, line by line, as diff -u tells it and patch takes it; empty where they are equal.
VMAIL_EXPORT std::string unified_diff(std::string_view from, std::string_view to, std::string_view from_name, std::string_view to_name);

} // namespace vmail
