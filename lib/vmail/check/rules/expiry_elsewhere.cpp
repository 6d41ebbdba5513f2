#include <optional>
#include <string>
#include <string_view>
#include <utility>

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

expiry read_as(bool as_date, const site& s, const std::string& text) { return as_date ? expiry::from_attribute(text) : expiry::from_days(text, s.zone); }
std::string written_as(bool as_date, const site& s, const expiry& end) { return as_date ? end.to_attribute() : end.to_days(s.zone); }

/// What is to be stored where it is read, or why somebody has to decide.
struct transfer {
    std::optional<std::string> end{};
    std::string_view why_not{};
};

/// To the second: days hold no time of day, and neither goes on after the year 9999.
transfer converted(const site& s, const std::string& text) {
    std::optional<expiry> end;
    try {
        end = read_as(!stores_date(s), s, text);
        auto there = written_as(stores_date(s), s, *end);
        if (read_as(stores_date(s), s, there) == *end) return {.end = std::move(there)};
    } catch (const invalid_value&) {
    }
    return {.why_not = end ? ": it cannot be said there exactly" : ": it is no date"};
}

transfer transfer_of(const sight& e) {
    const auto& there = e.values(read_elsewhere(e.site()));
    const auto& here = e.values(read_here(e.site()));
    if (there.size() > 1 || here.size() > 1) return {.why_not = ": there are two"};
    auto all = converted(e.site(), there.front());
    if (all.end && !here.empty() && here.front() != *all.end) return {.why_not = ": the two differ"};
    return all;
}

void look(const sight& e, const telling& tell) {
    const std::string_view elsewhere = read_elsewhere(e.site()), here = read_here(e.site());
    if (!e.entry.has(elsewhere)) return;
    const auto t = transfer_of(e);
    tell(e, fmt::format("its end is in {}, and {} is what is read{}", elsewhere, here, t.why_not), t.end.has_value());
}

void mend(const sight& e, ldap::entry& after) {
    auto t = transfer_of(e);
    if (!t.end) return;
    after.set(read_here(e.site()), std::move(*t.end));
    after.erase(read_elsewhere(e.site()));
}

} // namespace

const rule expiry_elsewhere{{"expiry-elsewhere", severity::warning, reach::tree, repair::adoption,
                             "The end of an account is in an attribute that the setting expiry-attribute does not name, so that it never comes."},
                            look, mend};

} // namespace vmail::check
