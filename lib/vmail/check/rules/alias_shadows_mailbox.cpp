#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <vmail/check/comparisons.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/check/same_address.hpp>

namespace vmail::check {

namespace {

class of_two_kinds : public same_address {
public:
    std::vector<std::string_view> reads() const override { return attributes_of_service(); }

protected:
    void meet(const sight& e, const std::string& address, const holder& first, const telling& tell) override {
        if (first.dn.empty() || first.is_alias == is_alias(e)) return;
        const holder own{e.entry.dn().text(), is_alias(e), e.service()};
        tell.about(address, is_alias(e) ? who_gets_it(first, own) : who_gets_it(own, first), e.entry.dn());
    }

private:
    /// By the maps that come with mailctl, where mailboxes in service come before aliases.
    static std::string who_gets_it(const holder& mailbox, const holder& alias) {
        if (mailbox.service.receives) return fmt::format("the mailbox {} gets the mail, and the alias {} none, where maps have mailboxes first", mailbox.dn, alias.dn);
        if (alias.service.receives) return fmt::format("the alias {} takes the mail of the mailbox {}, which gets none", alias.dn, mailbox.dn);
        return fmt::format("the mailbox {} and the alias {} have the address, and neither gets mail", mailbox.dn, alias.dn);
    }
};

} // namespace

const rule alias_shadows_mailbox{{"alias-shadows-mailbox", severity::error, reach::tree, repair::none,
                                  "An alias has the address of a mailbox: the mailbox gets the mail while it is in service, the alias afterwards, and with maps in another order the alias does."},
                                 nullptr, nullptr, make<of_two_kinds>};

} // namespace vmail::check
