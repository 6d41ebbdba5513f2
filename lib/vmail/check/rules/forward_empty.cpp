#include <vmail/check/rules/table.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace {

void look(const sight& e, const telling& tell) {
    const auto* const m = e.mailbox();
    if (m != nullptr && m->forward.active && m->forward.targets.empty() && !m->has_problem(schema::attr::maildrop)) tell(e, "its forward is on, and leads nowhere");
}

} // namespace

const rule forward_empty{{"forward-empty", severity::error, reach::tree, repair::none,
                          "A forward is on and has no target, so that the mail has nowhere to go with maps that do not deliver beside a forward."},
                         look};

} // namespace vmail::check
