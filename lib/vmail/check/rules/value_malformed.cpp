#include <array>
#include <string_view>

#include <vmail/ascii.hpp>

#include <vmail/check/problems.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace attr = schema::attr;

namespace {

/// Those that other rules look at.
constexpr std::array elsewhere = {attr::expire_date, attr::mailbox_expiration, attr::creation_date, attr::last_change, attr::vacation_start, attr::vacation_end,
                                  attr::disabled_at, attr::removed_at, attr::quota, attr::default_quota, attr::max_mail, attr::max_alias, attr::max_quota, attr::max_domain,
                                  attr::maildrop, attr::list_owner, attr::account_active, attr::delete_, attr::forward_active, attr::vacation_active, attr::smtp_auth,
                                  attr::may_log_in, attr::may_receive, attr::edit_accounts, attr::user_password};

void look(const sight& e, const telling& tell) {
    const bool has_second_address = e.values(attr::mail).size() > 1;
    tell_problems(e, tell, [&](std::string_view attribute) { return !has_name(elsewhere, attribute) && !(has_second_address && ascii::iequals(attribute, attr::mail)); });
}

} // namespace

const rule value_malformed{{"value-malformed", severity::warning, reach::tree, repair::none,
                            "A value is not what its attribute means, and is as good as not there."},
                           look};

} // namespace vmail::check
