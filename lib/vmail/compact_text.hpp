#pragma once

#include <string>

#include <vmail/timestamp.hpp>

/// Internal: for the library and the tools built with it.
namespace vmail {

/// "20261231T235959Z", as a part of the name of a file.
inline std::string compact_text(timestamp t) {
    const auto digits = t.digits();
    return digits.substr(0, 8) + 'T' + digits.substr(8) + 'Z';
}

} // namespace vmail
