#include <cstddef>
#include <string>

#include <fmt/format.h>

#include <vmail/ldap/filter.hpp>
#include <vmail/ldap/session.hpp>

#include <vmail/check/comparisons.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/naming.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace attr = schema::attr;
namespace cls = schema::cls;
using ldap::filter;

namespace {

/// The server is asked which mailboxes have none: those whose passwords we may not see are not among its answers, and nothing is said of them.
class without : public comparison {
public:
    explicit without(const context& around) : around_(around) {}

    bool looks_elsewhere() const override { return false; }
    void gather(const sight& e) override {
        if (e.is_told() && e.entry.has_class(cls::account) && !e.entry.has(attr::user_password)) ++unseen_;
    }
    bool settle(const telling& tell) override {
        if (unseen_ == 0) return false;
        const auto& where = around_.site.layout;
        const auto account = filter::equal(attr::object_class, cls::account), none = filter::negation(filter::present(attr::user_password));
        around_.directory.session().for_each({around_.only ? where.domain(*around_.only) : where.container(), ldap::scope::subtree, filter::all_of({account, none}),
                                              {std::string(attr::object_class), std::string(attr::mail), std::string(attr::account_active), std::string(attr::delete_)}},
                                             [&](ldap::entry&& e) {
            --unseen_;
            if (e.first(attr::account_active) == "TRUE" && e.first(attr::delete_) != "TRUE") tell.about(naming::subject_of(e), "it has no password, and nobody can log in", e.dn());
        });
        if (unseen_ > 0) tell.unknown("", fmt::format("of {} the server does not show us the password", unseen_ == 1 ? "1 mailbox" : fmt::format("{} mailboxes", unseen_)));
        return false;
    }

private:
    const context& around_;
    std::size_t unseen_ = 0;
};

} // namespace

const rule password_missing{{"password-missing", severity::note, reach::tree, repair::none,
                             "A mailbox in service has no password: its owner cannot log in."},
                            nullptr, nullptr, make<without>};

} // namespace vmail::check
