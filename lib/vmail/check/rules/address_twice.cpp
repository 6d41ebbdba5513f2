#include <string>

#include <fmt/format.h>

#include <vmail/check/comparisons.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/check/same_address.hpp>

namespace vmail::check {

namespace {

class of_one_kind : public same_address {
protected:
    void meet(const sight& e, const std::string& address, const holder& first, const telling& tell) override {
        if (!first.dn.empty() && first.is_alias != is_alias(e)) return;
        tell.about(address, fmt::format("two entries have the address: {} and {}", e.entry.dn().text(), first.dn.empty() ? "another" : first.dn), e.entry.dn());
    }
};

} // namespace

// Not even of two that are equal does one go by itself: it may hold another address, and whether the other is still there no guard of a deletion tells.
const rule address_twice{{"address-twice", severity::error, reach::tree, repair::none,
                          "Two entries have one address: mail goes to both, or is refused, and what is done to the address is done to one of them."},
                         nullptr, nullptr, make<of_one_kind>};

} // namespace vmail::check
