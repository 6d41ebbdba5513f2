#include <algorithm>

#include <vmail/check/rules/table.hpp>

namespace vmail::check {

namespace {

void look(const sight& e, const telling& tell) {
    const auto* const a = e.alias();
    if (a == nullptr) return;
    const bool to_itself = std::any_of(a->targets.begin(), a->targets.end(), [&](const maildrop& t) { return t.key() == a->address.key(); });
    if (to_itself) tell(e, "the alias is among its own targets, and there is no mailbox behind it");
}

} // namespace

const rule alias_to_itself{{"alias-to-itself", severity::error, reach::tree, repair::none,
                            "An alias leads to itself: the copy that stays has no mailbox to go to, and comes back to who sent it."},
                           look};

} // namespace vmail::check
