#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/routing_recipient.hpp>

/// How Postfix reads what a map gives it: a value is not one address, but a list of them as in the header of a mail. Internal.
namespace vmail::routing {

/// An address in a stored value.
struct target {
    std::string text{}; ///< without display name, comments, blanks and the dot at the end of the domain
    std::size_t at = 0; ///< where it stands in the value
    std::size_t length = 0;
};

/// In their order: "a@x.org, B Jones <b@x.org>" has two. Commas, blanks and display names part them, quotes and brackets hold together. What has none is
/// its own. Named groups ("list: a, b;") are not taken apart.
std::vector<target> targets_in(std::string_view value);

/// In lower case; nothing for what is delivered by its local part alone.
std::optional<std::string> domain_of(std::string_view target);

/// Whom the values send the mail of an address to, without its extension. "@other" as the first of them is the same local part there (virtual(5)).
std::vector<recipient> recipients_in(const std::vector<std::string>& values, const recipient& base);

} // namespace vmail::routing
