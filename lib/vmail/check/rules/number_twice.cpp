#include <fmt/format.h>

#include <vmail/printable.hpp>

#include <vmail/check/comparisons.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/check/suspects.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace attr = schema::attr;

namespace {

class same_number : public comparison {
public:
    void gather(const sight& e) override {
        if (const auto n = e.entry.first(attr::uid_number)) numbers_.add(*n, e.ordinal);
    }
    bool settle(const telling&) override {
        numbers_.settle();
        return !numbers_.empty();
    }
    void look_again(const sight& e, const telling& tell) override {
        const auto n = e.entry.first(attr::uid_number);
        if (!n || !numbers_.may_hold(*n)) return;
        if (const auto other = first_.meet(*n, e.subject())) tell(e, fmt::format("the uidNumber {} is that of {} as well", printable(*n), name_of_other(*other)), false, *other);
    }
    ldap::filter accused() const override { return ldap::filter::present(attr::uid_number); }
    std::vector<std::string_view> reads() const override { return {attr::uid_number}; }
    const std::vector<entry_names::ordinal>* whose() const override { return &numbers_.whose(); }

private:
    twice numbers_;
    first_holders first_;
};

} // namespace

const rule number_twice{{"number-twice", severity::error, reach::tree, repair::none,
                         "Two Unix accounts have one uidNumber: to the system they are one user, each with the other's files."},
                        nullptr, nullptr, make<same_number>};

} // namespace vmail::check
