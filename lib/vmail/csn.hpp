#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <vmail/error.hpp>
#include <vmail/timestamp.hpp>

/// Internal: the moment in an entryCSN, "20261231235959.000000Z#000000#000#000000".
namespace vmail::csn {

/// Sooner than any of that second, and all of it: a server understands no shorter one.
inline std::string at(timestamp t) {
    auto text = t.generalized();
    text.insert(text.size() - 1, ".000000");
    return text + "#000000#000#000000";
}

/// Nothing where it is none.
inline std::optional<timestamp> moment(std::string_view text) {
    try {
        return timestamp::parse_generalized(text.substr(0, text.find('#')));
    } catch (const invalid_value&) {
        return std::nullopt;
    }
}

} // namespace vmail::csn
