#include <string>
#include <unordered_map>
#include <vector>

#include <vmail/ascii.hpp>

#include <vmail/check/comparisons.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/domain_usage.hpp>

namespace vmail::check {

namespace {

class usage : public comparison {
public:
    bool looks_elsewhere() const override { return false; }
    void gather(const sight& e) override {
        if (const auto* const d = e.domain()) {
            if (e.is_told() && (d->max_mailboxes || d->max_aliases || d->max_quota_mib)) limited_.push_back({*d, e.entry.dn()});
            return;
        }
        const auto places = places_of(e.entry, e.site().role_addresses);
        if (const auto* const above = places == domain_places{} ? nullptr : e.domain_above()) used_[above->name] += places;
    }
    bool settle(const telling& tell) override {
        for (const auto& [d, dn] : limited_)
            if (const auto it = used_.find(d.name.text()); it != used_.end())
                if (const auto fault = shortage(d, {}, it->second)) tell.about(d.name.text(), fault->what(), dn);
        used_.clear();
        return false;
    }

private:
    struct limited {
        domain value;
        ldap::dn dn;
    };
    std::vector<limited> limited_;
    std::unordered_map<std::string, domain_places, ascii::ihasher, ascii::iequal_to> used_;
};

} // namespace

const rule domain_over_limit{{"domain-over-limit", severity::warning, reach::tree, repair::none,
                              "A domain holds more than its limits allow: nothing can be added to it."},
                             nullptr, nullptr, make<usage>};

} // namespace vmail::check
