#include <string>
#include <string_view>

#include <fmt/format.h>

#include <vmail/printable.hpp>

#include <vmail/check/comparisons.hpp>
#include <vmail/check/route_graph.hpp>
#include <vmail/check/rules/table.hpp>

namespace vmail::check {

namespace {

class stopped : public route_comparison {
public:
    using route_comparison::route_comparison;
    bool settle(const telling&) override { return routes().has_stopped(); }
    void look_again(const sight& e, const telling& tell) override {
        for (const routing::recipient& to : route_graph::ways_of(e))
            if (const auto why = routes().why_stopped(to, e.around); !why.empty()) tell(e, fmt::format("it sends mail to {}, {}", printable(to.text()), in_words(why)));
    }

private:
    static std::string in_words(std::string_view why) {
        if (why == service_word::domain_disabled) return "whose domain is disabled";
        if (why == service_word::domain_removed) return "whose domain is removed";
        return fmt::format("which is {}", why);
    }
};

} // namespace

const rule target_stopped{{"target-stopped", severity::warning, reach::tree, repair::none,
                           "An alias or a forward leads to an address that is out of service; it is never taken away by itself, since people come back."},
                          nullptr, nullptr, make<stopped>};

} // namespace vmail::check
