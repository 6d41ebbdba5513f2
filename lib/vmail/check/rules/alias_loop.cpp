#include <vmail/check/comparisons.hpp>
#include <vmail/check/route_graph.hpp>
#include <vmail/check/rules/table.hpp>

namespace vmail::check {

namespace {

class circles : public route_comparison {
public:
    using route_comparison::route_comparison;
    bool settle(const telling&) override { return routes().has_circles(); }
    void look_again(const sight& e, const telling& tell) override {
        if (routes().is_in_circle(e)) tell(e, "mail to it is sent on until it comes by it again, and never arrives");
    }
};

} // namespace

const rule alias_loop{{"alias-loop", severity::error, reach::tree, repair::none,
                       "Mail to an address is sent on in a circle: Postfix gives up and returns it."},
                      nullptr, nullptr, make<circles>};

} // namespace vmail::check
