#include <fmt/format.h>

#include <vmail/check/rules/table.hpp>

namespace vmail::check {

namespace {

void look(const sight& e, const telling& tell) {
    const service_state& s = e.service();
    const entry_state* const own = e.state();
    if (own == nullptr || !own->active || own->removed) return;
    if (s.why == service_word::domain_disabled || s.why == service_word::domain_removed)
        tell(e, fmt::format("it is active, and its {}{}", s.why, e.mailbox() != nullptr && s.logs_in ? ": its owner can log in" : ""));
}

} // namespace

const rule domain_stopped{{"domain-stopped", severity::warning, reach::tree, repair::none,
                           "An account is active in a domain that is disabled or removed: no daemon looks at the entry above, so that its owner logs in."},
                          look};

} // namespace vmail::check
