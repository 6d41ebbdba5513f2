#include <cstddef>

#include <fmt/format.h>

#include <vmail/check/rules/table.hpp>

namespace vmail::check {

namespace {

/// virtual_alias_expansion_limit of postconf(5), as it is by itself and in schema/postfix.
constexpr std::size_t most = 1000;

std::size_t targets_of(const sight& e) {
    if (const auto* const a = e.alias()) return a->targets.size();
    const auto* const m = e.mailbox();
    return m != nullptr && m->forward.active ? m->forward.targets.size() : 0;
}

void look(const sight& e, const telling& tell) {
    if (const auto n = targets_of(e); n > most) tell(e, fmt::format("it leads to {} places, and Postfix expands an address to {}", n, most));
}

} // namespace

const rule targets_too_many{{"targets-too-many", severity::error, reach::tree, repair::none,
                             "An alias leads to more places than virtual_alias_expansion_limit of Postfix, as it is by itself: mail to it is put off and comes back."},
                            look};

} // namespace vmail::check
