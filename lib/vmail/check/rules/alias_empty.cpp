#include <vmail/check/rules/table.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace {

void look(const sight& e, const telling& tell) {
    const auto* const a = e.alias();
    if (a != nullptr && a->targets.empty() && !a->has_problem(schema::attr::maildrop)) tell(e, "the alias leads nowhere");
}

} // namespace

const rule alias_empty{{"alias-empty", severity::error, reach::tree, repair::none,
                        "An alias has no target: mail to it is refused as to nobody."},
                       look};

} // namespace vmail::check
