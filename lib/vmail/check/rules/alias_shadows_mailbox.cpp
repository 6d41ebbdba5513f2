#include <string>

#include <fmt/format.h>

#include <vmail/check/comparisons.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/check/same_address.hpp>

namespace vmail::check {

namespace {

class of_two_kinds : public same_address {
protected:
    void meet(const sight& e, const std::string& address, const holder& first, const telling& tell) override {
        if (first.dn.empty() || first.is_alias == is_alias(e)) return;
        const std::string own = e.entry.dn().text();
        tell.about(address, fmt::format("the alias {} takes the mail of the mailbox {}", is_alias(e) ? own : first.dn, is_alias(e) ? first.dn : own), e.entry.dn());
    }
};

} // namespace

const rule alias_shadows_mailbox{{"alias-shadows-mailbox", severity::error, reach::tree, repair::none,
                                  "An alias has the address of a mailbox: which of the two gets the mail depends on the daemon."},
                                 nullptr, nullptr, make<of_two_kinds>};

} // namespace vmail::check
