#include <cstddef>

#include <fmt/format.h>

#include <vmail/check/comparisons.hpp>
#include <vmail/check/route_graph.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/routing_targets.hpp>
#include <vmail/routing_trace.hpp>

namespace vmail::check {

namespace {

using routing::most_recipients;

std::size_t targets_of(const std::vector<maildrop>& values) {
    std::size_t count = 0;
    for (const maildrop& t : values) count += routing::targets_in(t.text()).size();
    return count;
}

std::size_t targets_of(const sight& e) {
    if (const auto* const a = e.alias()) return targets_of(a->targets);
    const auto* const m = e.mailbox();
    return m != nullptr && m->forward.active ? targets_of(m->forward.targets) : 0;
}

void look(const sight& e, const telling& tell) {
    if (const auto n = targets_of(e); n > most_recipients) tell(e, fmt::format("it leads to {} places, and Postfix expands an address to {}", n, most_recipients));
}

class crowds : public route_comparison {
public:
    using route_comparison::route_comparison;
    bool settle(const telling&) override { return routes().has_excess(); }
    void look_again(const sight& e, const telling& tell) override {
        if (routes().excess_of(e) == expansion_fault::too_many && targets_of(e) <= most_recipients)
            tell(e, fmt::format("what it leads to leads to more than {} places, to which Postfix expands an address", most_recipients));
    }
};

} // namespace

const rule targets_too_many{{"targets-too-many", severity::error, reach::tree, repair::none,
                             "An alias leads to more places, in one step or in several, than virtual_alias_expansion_limit of Postfix, as it is by itself: mail to it is put off and "
                             "comes back."},
                            look, nullptr, make<crowds>};

} // namespace vmail::check
