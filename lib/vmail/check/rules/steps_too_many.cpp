#include <fmt/format.h>

#include <vmail/check/comparisons.hpp>
#include <vmail/check/route_graph.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/routing_trace.hpp>

namespace vmail::check {

namespace {

class chains : public route_comparison {
public:
    using route_comparison::route_comparison;
    bool settle(const telling&) override { return routes().has_excess(); }
    void look_again(const sight& e, const telling& tell) override {
        if (routes().excess_of(e) == expansion_fault::too_deep)
            tell(e, fmt::format("mail to it is sent on more than {} times, and Postfix gives up there", routing::longest_chain - 1));
    }
};

} // namespace

const rule steps_too_many{{"steps-too-many", severity::error, reach::tree, repair::none,
                           "An alias leads on by more steps, one behind the other, than virtual_alias_recursion_limit of Postfix, as it is by itself: mail to it is put off and comes "
                           "back."},
                          nullptr, nullptr, make<chains>};

} // namespace vmail::check
