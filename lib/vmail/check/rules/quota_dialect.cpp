#include <array>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/check/rules/table.hpp>
#include <vmail/quota.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace attr = schema::attr;

namespace {

/// As the site spells it, where that can be and is not the case.
std::optional<std::string> respelled(const site& s, const std::string& text) {
    try {
        const quota q = quota::from_attribute(text);
        const bool is_plain = ascii::is_digits(text);
        if (is_plain == (s.quota_dialect == quota_dialect::plain) || (!is_plain && q.messages())) return std::nullopt;
        return q.to_attribute(s.quota_dialect);
    } catch (const invalid_value&) { // of which another rule tells
        return std::nullopt;
    }
}

std::optional<std::string> other_spelling(const sight& e, const ldap::entry& of, std::string_view attribute) {
    const auto* const values = of.find(attribute);
    return values != nullptr && values->size() == 1 ? respelled(e.site(), values->front()) : std::nullopt;
}

constexpr std::array looked_at = {attr::quota, attr::default_quota};

void look(const sight& e, const telling& tell) {
    for (const auto attribute : looked_at)
        if (const auto wanted = other_spelling(e, e.entry, attribute))
            tell(e, fmt::format("{} is {}, and the readers of this site read {}", attribute, vmail::quoted(*e.entry.first(attribute)), vmail::quoted(*wanted)), true);
}

void mend(const sight& e, ldap::entry& after) {
    for (const auto attribute : looked_at)
        if (auto wanted = other_spelling(e, after, attribute)) after.set(attribute, std::move(*wanted));
}

} // namespace

const rule quota_dialect_other{{"quota-dialect", severity::warning, reach::tree, repair::adoption,
                                "A quota is spelled in another dialect than the setting quota-dialect names: readers understand one or the other."},
                               look, mend};

} // namespace vmail::check
