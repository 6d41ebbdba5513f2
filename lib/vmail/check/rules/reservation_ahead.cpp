#include <chrono>
#include <string>

#include <fmt/format.h>

#include <vmail/printable.hpp>

#include <vmail/check/reservations.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/domain_usage.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace attr = schema::attr;

namespace {

using namespace std::chrono_literals;

bool is_ahead(const std::string& text, timestamp now) {
    const auto r = reservation::parse(text);
    return r && r->made.instant() > now.instant() + 1h;
}

void look(const sight& e, const telling& tell) {
    for (const std::string& text : e.values(attr::reservation))
        if (is_ahead(text, e.around.now)) tell(e, fmt::format("what a run has set aside is dated ahead, and counts until then: {}", vmail::quoted(text)), true);
}

void mend(const sight& e, ldap::entry& after) { take_reservations(after, [&](const std::string& text) { return is_ahead(text, e.around.now); }); }

} // namespace

const rule reservation_ahead{{"reservation-ahead", severity::warning, reach::tree, repair::safe,
                              "What a run has set aside of a domain's limits is dated ahead, by a clock that was wrong: the domain has less room until then."},
                             look, mend};

} // namespace vmail::check
