#include <fmt/format.h>

#include <vmail/printable.hpp>

#include <vmail/check/comparisons.hpp>
#include <vmail/check/route_graph.hpp>
#include <vmail/check/rules/table.hpp>

namespace vmail::check {

namespace {

class dangling : public route_comparison {
public:
    using route_comparison::route_comparison;
    bool settle(const telling&) override { return routes().has_missing(); }
    void look_again(const sight& e, const telling& tell) override {
        for (const routing::recipient& to : route_graph::ways_of(e))
            if (routes().is_missing(to, e.around)) tell(e, fmt::format("it sends mail to {}, which is not there", printable(to.text())));
    }
};

} // namespace

const rule target_missing{{"target-missing", severity::error, reach::tree, repair::none,
                           "An alias or a forward leads to an address in a domain of ours that nothing takes mail for: it comes back to who sent it."},
                          nullptr, nullptr, make<dangling>};

} // namespace vmail::check
