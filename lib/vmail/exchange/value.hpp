#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <vmail/export.hpp>

namespace vmail::exchange {

/// Nothing: what there is is taken away, or becomes what it is where nobody says anything.
struct null {
    bool operator==(const null&) const = default;
};

/// A value of a field. A field that is not there at all is left alone.
using value = std::variant<null, bool, std::int64_t, std::string, std::vector<std::string>>;

/// What the values of a field are.
enum class form {
    text,      ///< one line of UTF-8
    paragraph, ///< lines of UTF-8
    flag,      ///< true or false
    number,    ///< a whole number, 0 or more
    size_or_domain, ///< "500M", "2G", "none", or "domain"
    size_or_server, ///< "500M", "2G", "none", or "server"
    limits,    ///< "200/1h,1000/1d", or "none"
    limits_or_domain, ///< the same, or "domain"
    day,       ///< "2026-12-31", or a date and time
    minute,    ///< "2026-08-01 14:30", of the site's clock
    address,
    addresses, ///< several
    domain,
    domains,   ///< several
    hash,      ///< "{CRYPT}$y$..."
};

/// "text", "size", ...
VMAIL_EXPORT std::string_view name(form f) noexcept;
/// In a few words, with an example: "a size such as 500M or 2G, none, or domain".
VMAIL_EXPORT std::string_view explain(form f) noexcept;
/// Whether a value of it is several texts.
constexpr bool is_several(form f) noexcept { return f == form::addresses || f == form::domains; }

/// From what has no types, such as a cell: flags are yes, no, true and false, several texts are parted by commas. Throws invalid_value.
VMAIL_EXPORT value from_text(form f, std::string_view text);
/// The other way round: nothing is "", flags are yes and no.
VMAIL_EXPORT std::string to_text(const value& v);

/// Throws invalid_value, with what is expected instead, for a value of another type. Nothing is of any form.
VMAIL_EXPORT void require_form(form f, const value& v);

} // namespace vmail::exchange
