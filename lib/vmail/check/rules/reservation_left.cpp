#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <vmail/printable.hpp>

#include <vmail/check/reservations.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/domain_usage.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace attr = schema::attr;
namespace cls = schema::cls;

namespace {

using namespace std::chrono_literals;

/// It counts for a quarter of an hour; who looks may have another clock.
bool is_left(const std::string& text, timestamp now) {
    const auto r = reservation::parse(text);
    return !r || r->made.instant() + 24h < now.instant();
}

void look(const sight& e, const telling& tell) {
    for (const std::string& text : e.values(attr::reservation))
        if (is_left(text, e.around.now)) tell(e, fmt::format("a run that was cut has left behind what it had set aside: {}", vmail::quoted(text)), true);
}

void mend(const sight& e, ldap::entry& after) { take_reservations(after, [&](const std::string& text) { return is_left(text, e.around.now); }); }

} // namespace

void take_reservations(ldap::entry& e, const std::function<bool(const std::string&)>& goes) {
    const auto* const present = e.find(attr::reservation);
    if (present == nullptr) return;
    std::vector<std::string> left = *present;
    std::erase_if(left, goes);
    if (left.empty()) e.remove_class(cls::bookkeeping);
    e.set(attr::reservation, std::move(left));
}

const rule reservation_left{{"reservation-left", severity::note, reach::tree, repair::safe,
                             "A run that was killed has left what it had set aside of a domain's limits: it counts no more, and nobody needs it."},
                            look, mend};

} // namespace vmail::check
