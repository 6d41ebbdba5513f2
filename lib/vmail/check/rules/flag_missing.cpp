#include <array>
#include <string_view>

#include <fmt/format.h>

#include <vmail/check/rules/table.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace attr = schema::attr;
namespace cls = schema::cls;

namespace {

/// What filters look for, of each class that has it.
struct expected_flag {
    std::string_view of_class, attribute;
};
constexpr std::array expected = {expected_flag{cls::account, attr::account_active},     expected_flag{cls::account, attr::delete_},
                                 expected_flag{cls::alias, attr::account_active},       expected_flag{cls::domain, attr::account_active},
                                 expected_flag{cls::domain, attr::delete_},             expected_flag{cls::admin, attr::account_active},
                                 expected_flag{cls::backup_domain, attr::account_active}, expected_flag{cls::backup_domain, attr::delete_},
                                 expected_flag{cls::backup_mail, attr::account_active}, expected_flag{cls::forward, attr::forward_active},
                                 expected_flag{cls::vacation, attr::vacation_active}};

bool lacks(const sight& e, const expected_flag& f) { return e.entry.has_class(f.of_class) && e.lacks(f.attribute); }

void look(const sight& e, const telling& tell) {
    for (const auto& f : expected)
        if (lacks(e, f)) tell(e, fmt::format("{} is missing, and a filter that asks for TRUE or FALSE matches neither", f.attribute), true);
}

/// What nobody can see is as good as FALSE.
void mend(const sight& e, ldap::entry& after) {
    for (const auto& f : expected)
        if (lacks(e, f)) after.set(f.attribute, "FALSE");
}

} // namespace

const rule flag_missing{{"flag-missing", severity::error, reach::tree, repair::safe,
                         "An attribute that the daemons' filters look for as TRUE or FALSE is not there, so that the entry is out of service or half in it; FALSE says the same to all of them."},
                        look, mend};

} // namespace vmail::check
