#include <string>

#include <vmail/ldap/filter.hpp>
#include <vmail/ldap/session.hpp>

#include <vmail/check/comparisons.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/naming.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace attr = schema::attr;
using ldap::filter;

namespace {

/// It is never read: whether there is one is asked of the server.
class clear_passwords : public comparison {
public:
    explicit clear_passwords(const context& around) : around_(around) {}

    bool looks_elsewhere() const override { return false; }
    void gather(const sight&) override {}
    bool settle(const telling& tell) override {
        auto& s = around_.directory.session();
        if (!s.schema().empty() && !s.schema().has_attribute(attr::clear_password)) return false;
        const auto& where = around_.site.layout;
        const auto base = around_.only ? where.domain(*around_.only) : where.container();
        const auto present = filter::present(attr::clear_password);
        s.for_each({base, ldap::scope::subtree, present, {std::string(attr::mail)}}, [&](ldap::entry&& e) {
            tell.about(naming::subject_of(e), "it has a clearPassword", e.dn());
        });
        // Who may not search for it gets no answer to either question.
        if (s.search({base, ldap::scope::base, filter::any_of({present, filter::negation(present)}), ldap::no_attributes()}).empty())
            tell.unknown("", "whether accounts have a clearPassword the access rules of the server show to nobody like us");
        return false;
    }

private:
    const context& around_;
};

} // namespace

const rule clear_password{{"clear-password", severity::error, reach::tree, repair::none,
                           "An account has the attribute clearPassword, which old pages wrote: the password itself."},
                          nullptr, nullptr, make<clear_passwords>};

} // namespace vmail::check
