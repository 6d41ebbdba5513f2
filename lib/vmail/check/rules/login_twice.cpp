#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/printable.hpp>

#include <vmail/check/comparisons.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/check/suspects.hpp>
#include <vmail/login.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace attr = schema::attr;

namespace {

/// Daemons look for a login among addresses, too.
class same_login : public comparison {
public:
    void gather(const sight& e) override {
        const auto& addresses = e.addresses();
        for (const std::string& login : logins_of(e)) {
            logins_.add(login, e.ordinal);
            const bool is_own = std::find(addresses.begin(), addresses.end(), login) != addresses.end();
            if (login::may_be_an_address(login) && !is_own) foreign_.push_back(login);
        }
    }
    bool settle(const telling&) override {
        logins_.settle();
        std::sort(foreign_.begin(), foreign_.end());
        return !logins_.empty() || !foreign_.empty();
    }
    void look_again(const sight& e, const telling& tell) override {
        for (const std::string& login : logins_of(e)) {
            if (!logins_.may_hold(login)) continue;
            if (const auto other = first_.meet(login, e.subject())) tell(e, fmt::format("its login {} is that of {} as well", vmail::quoted(login), name_of_other(*other)), false, *other);
        }
        if (!e.entry.has_class(schema::cls::account)) return;
        for (const std::string& a : e.addresses())
            if (std::binary_search(foreign_.begin(), foreign_.end(), a)) tell(e, fmt::format("its address {} is the login of another mailbox", vmail::quoted(a)));
    }
    ldap::filter accused() const override { return ldap::filter::equal(schema::attr::object_class, schema::cls::account); }
    std::vector<std::string_view> reads() const override { return {attr::uid}; }
    /// Not where addresses are looked at as well.
    const std::vector<entry_names::ordinal>* whose() const override { return foreign_.empty() ? &logins_.whose() : nullptr; }

private:
    static std::set<std::string> logins_of(const sight& e) {
        std::set<std::string> all;
        if (!e.entry.has_class(schema::cls::account)) return all;
        for (const std::string& uid : e.values(attr::uid)) all.insert(ascii::to_lower(uid));
        return all;
    }

    twice logins_;
    first_holders first_;
    std::vector<std::string> foreign_; ///< logins that look like the address of somebody else
};

} // namespace

const rule login_twice{{"login-twice", severity::error, reach::tree, repair::none,
                        "A login leads to two mailboxes, as uid or as address: a daemon that finds both lets neither owner in."},
                       nullptr, nullptr, make<same_login>};

} // namespace vmail::check
