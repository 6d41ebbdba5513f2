#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <vmail/ldap/request.hpp>
#include <vmail/ldap/session.hpp>

#include <vmail/check/comparisons.hpp>
#include <vmail/check/mending.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/check/same_address.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace attr = schema::attr;

namespace {

/// But for where they are, who made them and when.
bool are_equal(ldap::entry a, ldap::entry b) {
    for (ldap::entry* const e : {&a, &b})
        for (const auto name : {attr::mail, attr::last_change, attr::creation_date, attr::entry_uuid, attr::entry_csn}) e->erase(name);
    return ldap::diff(a, b).empty();
}

class of_one_kind : public same_address {
public:
    explicit of_one_kind(const context& around) : around_(around) {}

    void mend(mending& all, repair most) override {
        if (most != repair::adoption) return;
        for (const one_too_many& d : doubles_) all.remove(d.entry, d.address, std::string(address_twice.code));
    }

protected:
    void meet(const sight& e, const std::string& address, const holder& first, const telling& tell) override {
        if (!first.dn.empty() && first.is_alias != is_alias(e)) return;
        auto goes = first.dn.empty() ? std::nullopt : which_goes(e.entry.dn(), ldap::dn::parse(first.dn), address);
        tell.about(address, fmt::format("two entries have the address: {} and {}", e.entry.dn().text(), first.dn.empty() ? "another" : first.dn), e.entry.dn(), goes.has_value());
        if (goes) doubles_.push_back({address, std::move(*goes)});
    }

private:
    struct one_too_many {
        std::string address;
        ldap::entry entry;
    };

    /// Of two that are equal the one that is not where it belongs.
    std::optional<ldap::entry> which_goes(const ldap::dn& second, const ldap::dn& first, const std::string& address) const {
        auto& s = around_.directory.session();
        auto a = s.find(first, ldap::whole_entry()), b = s.find(second, ldap::whole_entry());
        if (!a || !b || !are_equal(*a, *b)) return std::nullopt;
        const ldap::dn place = around_.site.layout.alias(alias_address::parse(address));
        if (first == place) return b;
        if (second == place) return a;
        return std::nullopt;
    }

    const context& around_;
    std::vector<one_too_many> doubles_;
};

} // namespace

const rule address_twice{{"address-twice", severity::error, reach::tree, repair::adoption,
                          "Two entries have one address: mail goes to both, or is refused, and what is done to the address is done to one of them."},
                         nullptr, nullptr, make<of_one_kind>};

} // namespace vmail::check
