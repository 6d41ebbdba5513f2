#include <cstddef>
#include <set>
#include <string>

#include <fmt/format.h>

#include <vmail/check/comparisons.hpp>
#include <vmail/check/route_graph.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace {

/// Maps look for the address first, and what is out of service is not found by it.
class taken_over : public comparison {
public:
    explicit taken_over(const context& around) : around_(around) {}

    void gather(const sight& e) override {
        const auto* const a = e.alias();
        if (a != nullptr && a->address.is_catch_all() && e.service().receives) domains_.insert(a->address.domain().text());
        if (is_stopped(e)) ++stopped_;
    }
    bool settle(const telling&) override { return !domains_.empty() && stopped_ > 0; }
    void look_again(const sight& e, const telling& tell) override {
        if (!is_stopped(e)) return;
        const address own = address_of(e);
        const auto& domain = own.domain();
        const bool is_taken_before = around_.routes->why_stopped(routing::recipient::parse(own.text()), around_).empty(); // by an alias of a mailbox's name
        if (domains_.contains(domain.text()) && !is_taken_before) tell(e, fmt::format("it is {}, and its mail goes to @{}, which takes what nobody else does", e.service().why, domain.text()));
    }
    ldap::filter accused() const override {
        using ldap::filter;
        return filter::any_of({filter::negation(filter::equal(schema::attr::account_active, "TRUE")), filter::equal(schema::attr::delete_, "TRUE")});
    }
    std::vector<std::string_view> reads() const override { return attributes_of_service(); }

private:
    static bool is_stopped(const sight& e) {
        if (e.mailbox() == nullptr && e.alias() == nullptr) return false;
        const service_state& s = e.service();
        return !s.in_service && s.why != service_word::domain_disabled && s.why != service_word::domain_removed && !(e.alias() != nullptr && e.alias()->address.is_catch_all());
    }

    static address address_of(const sight& e) {
        if (const auto* const m = e.mailbox()) return m->address;
        return address::make(e.alias()->address.local_part(), e.alias()->address.domain());
    }

    const context& around_;
    std::set<std::string> domains_;
    std::size_t stopped_ = 0;
};

} // namespace

const rule catch_all_takes_over{{"catch-all-takes-over", severity::note, reach::tree, repair::none,
                                 "Mail to an address that is out of service is not refused but goes to the catch-all of its domain, to somebody else."},
                                nullptr, nullptr, make<taken_over>};

} // namespace vmail::check
