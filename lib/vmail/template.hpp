#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <vmail/export.hpp>

namespace vmail {

/// What stands for a name of a template; nothing for one that is not known.
using template_values = std::function<std::optional<std::string>(std::string_view name)>;

/// The text with a value for each `@NAME@`, of capitals, digits and "_"; what is not known stays as it is. What a value holds is not looked at again.
///
/// A line that begins with `@?NAME@` is there, without that beginning, where the value is not empty; one that begins with `@!NAME@` where it is.
VMAIL_EXPORT std::string fill_template(std::string_view text, const template_values& value_of);

} // namespace vmail
