#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <vmail/printable.hpp>

#include <vmail/check/rule.hpp>
#include <vmail/schema.hpp>

/// Internal to check: what the rules that compare have in common.
namespace vmail::check {

template <typename Comparison> std::unique_ptr<comparison> make(const context& around) {
    if constexpr (std::constructible_from<Comparison, const context&>) return std::make_unique<Comparison>(around);
    else return std::make_unique<Comparison>();
}

inline std::string name_of_other(const std::string& name) { return name.empty() ? "another" : printable(name); }

/// What tells how a mailbox or alias stands.
inline std::vector<std::string_view> attributes_of_service() {
    return {schema::attr::account_active, schema::attr::delete_, schema::attr::may_receive, schema::attr::disabled_reason};
}

/// By the graph that these share; whoever looks gathers it once.
class route_comparison : public comparison {
public:
    explicit route_comparison(const context& around) : around_(around) {}
    void gather(const sight&) override {}
    ldap::filter accused() const override { return ldap::filter::present(schema::attr::maildrop); }
    std::vector<std::string_view> reads() const override {
        auto all = attributes_of_service();
        all.insert(all.end(), {schema::attr::maildrop, schema::attr::forward_active});
        return all;
    }

protected:
    const route_graph& routes() const { return *around_.routes; }

private:
    const context& around_;
};

} // namespace vmail::check
