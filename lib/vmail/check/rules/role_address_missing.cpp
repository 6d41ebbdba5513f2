#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>

#include <vmail/ascii.hpp>

#include <vmail/check/comparisons.hpp>
#include <vmail/check/mending.hpp>
#include <vmail/check/rules/table.hpp>

namespace vmail::check {

namespace {

class roles : public comparison {
public:
    explicit roles(const context& around) : around_(around) {}

    void gather(const sight& e) override {
        for (const std::string& a : e.addresses())
            if (around_.site.role_addresses.has(std::string_view(a).substr(0, a.find('@')))) there_.insert(ascii::ihash(a));
    }
    bool settle(const telling& tell) override {
        for (const known_domain& d : around_.domains.all())
            if (!d.is_backup && d.service.in_service && (!around_.only || ascii::iequals(around_.only->text(), d.name))) look(d, tell);
        return false;
    }
    void mend(mending& all, repair) override {
        for (const address& a : missing_) {
            alias fresh(a);
            fresh.targets = {around_.site.postmaster};
            all.additions().attempt(a.text(), [&] { all.additions().add(fresh); });
        }
    }

private:
    void look(const known_domain& d, const telling& tell) {
        for (const address& a : around_.site.role_addresses.in(domain_name::parse(d.name))) {
            if (there_.contains(ascii::ihash(a.key()))) continue;
            tell.about(d.name, fmt::format("there is no {}", a.text()), d.dn, true);
            missing_.push_back(a);
        }
    }

    const context& around_;
    std::unordered_set<std::size_t> there_;
    std::vector<address> missing_;
};

} // namespace

const rule role_address_missing{{"role-address-missing", severity::warning, reach::tree, repair::safe,
                                 "A domain has not all the addresses that each must have, as postmaster and abuse: others cannot tell anybody what goes wrong there."},
                                nullptr, nullptr, make<roles>};

} // namespace vmail::check
