#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <vmail/error.hpp>

#include <vmail/check/rules/table.hpp>
#include <vmail/schema.hpp>
#include <vmail/timestamp.hpp>

namespace vmail::check {

namespace attr = schema::attr;

namespace {

bool stores_date(const site& s) { return s.expiry_storage == expiry_storage::expire_date; }
std::string_view read_here(const site& s) { return stores_date(s) ? attr::expire_date : attr::mailbox_expiration; }
std::string_view read_elsewhere(const site& s) { return stores_date(s) ? attr::mailbox_expiration : attr::expire_date; }

/// What the attribute that nobody reads would say in the one that is read; nothing where it is no date.
std::optional<std::string> converted(const site& s, const std::string& text) {
    try {
        if (stores_date(s)) return expiry::from_days(text, s.zone).to_attribute();
        return expiry::from_attribute(text).to_days(s.zone);
    } catch (const invalid_value&) {
        return std::nullopt;
    }
}

/// The end that is to be stored, as far as nobody has to decide between two.
std::optional<std::string> end_of(const sight& e) {
    const auto other = e.entry.first(read_elsewhere(e.site()));
    const auto wanted = other ? converted(e.site(), *other) : std::nullopt;
    const auto here = e.entry.first(read_here(e.site()));
    return !here || here == wanted ? wanted : std::nullopt;
}

void look(const sight& e, const telling& tell) {
    const std::string_view elsewhere = read_elsewhere(e.site()), here = read_here(e.site());
    if (!e.entry.has(elsewhere)) return;
    const auto end = end_of(e);
    tell(e, fmt::format("its end is in {}, and {} is what is read{}", elsewhere, here, end ? "" : e.entry.has(here) ? ": the two differ" : ": it is no date"), end.has_value());
}

void mend(const sight& e, ldap::entry& after) {
    auto end = end_of(e);
    if (!end) return;
    after.set(read_here(e.site()), std::move(*end));
    after.erase(read_elsewhere(e.site()));
}

} // namespace

const rule expiry_elsewhere{{"expiry-elsewhere", severity::warning, reach::tree, repair::adoption,
                             "The end of an account is in an attribute that the setting expiry-attribute does not name, so that it never comes."},
                            look, mend};

} // namespace vmail::check
