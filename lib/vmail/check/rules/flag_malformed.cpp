#include <array>
#include <string_view>

#include <vmail/check/problems.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace attr = schema::attr;

namespace {

constexpr std::array looked_at = {attr::account_active, attr::delete_, attr::forward_active, attr::vacation_active,
                                   attr::smtp_auth, attr::may_log_in, attr::may_receive, attr::edit_accounts};

void look(const sight& e, const telling& tell) { tell_problems(e, tell, [](std::string_view attribute) { return has_name(looked_at, attribute); }); }

} // namespace

const rule flag_malformed{{"flag-malformed", severity::error, reach::tree, repair::none,
                           "An attribute that must be TRUE or FALSE is neither, or both."},
                          look};

} // namespace vmail::check
