#include <fmt/format.h>

#include <vmail/check/rules/table.hpp>

namespace vmail::check {

namespace {

void look(const sight& e, const telling& tell) {
    const service_state& s = e.service();
    if (s.why == service_word::overdue) tell(e, fmt::format("its time is up since {}, and it works", s.since->rfc3339()));
}

} // namespace

const rule overdue{{"overdue", severity::warning, reach::tree, repair::none,
                    "The time of an account is up and it still works, since no daemon looks at the date: the expiry run has not been there."},
                   look};

} // namespace vmail::check
