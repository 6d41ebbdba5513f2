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
            if (a.starts_with('@') && takes_mail(e)) caught_.insert(ascii::ihash(a));
            else if (around_.site.role_addresses.has(std::string_view(a).substr(0, a.find('@')))) there_.insert(ascii::ihash(a));
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
    /// Of what cannot be read nobody knows.
    static bool takes_mail(const sight& e) { return e.state() == nullptr || e.service().receives; }

    void look(const known_domain& d, const telling& tell) {
        const bool is_caught = caught_.contains(ascii::ihash('@' + d.name));
        for (const address& a : around_.site.role_addresses.in(domain_name::parse(d.name))) {
            if (there_.contains(ascii::ihash(a.key()))) continue;
            // What is made would take the mail from who gets it today.
            tell.about(d.name, fmt::format("there is no {}{}", a.text(), is_caught ? ", and the catch-all takes its mail" : ""), d.dn, !is_caught);
            if (!is_caught) missing_.push_back(a);
        }
    }

    const context& around_;
    std::unordered_set<std::size_t> there_, caught_;
    std::vector<address> missing_;
};

} // namespace

const rule role_address_missing{{"role-address-missing", severity::warning, reach::tree, repair::safe,
                                 "A domain has not all the addresses that each must have, as postmaster and abuse: others cannot tell anybody what goes wrong there."},
                                nullptr, nullptr, make<roles>};

} // namespace vmail::check
