#include <vmail/check/same_address.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace {

/// As first_holders.
constexpr std::size_t most_names = 200'000;

} // namespace

bool same_address::is_alias(const sight& e) { return e.entry.has_class(schema::cls::alias); }

void same_address::gather(const sight& e) {
    for (const std::string& a : e.addresses()) addresses_.add(a, e.ordinal);
}

bool same_address::settle(const telling&) {
    addresses_.settle();
    return !addresses_.empty();
}

void same_address::look_again(const sight& e, const telling& tell) {
    for (const std::string& a : e.addresses()) {
        if (!addresses_.may_hold(a)) continue;
        const auto it = first_.find(a);
        if (it != first_.end()) meet(e, a, it->second, tell);
        else if (first_.size() < most_names) first_.emplace(a, holder{e.entry.dn().text(), is_alias(e), e.service()});
        else meet(e, a, {}, tell);
    }
}

ldap::filter same_address::accused() const { return ldap::filter::present(schema::attr::mail); }

} // namespace vmail::check
