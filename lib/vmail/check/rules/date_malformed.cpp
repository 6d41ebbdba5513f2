#include <array>
#include <string_view>

#include <vmail/check/problems.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace attr = schema::attr;

namespace {

constexpr std::array looked_at = {attr::expire_date, attr::mailbox_expiration, attr::creation_date, attr::last_change, attr::vacation_start,
                                   attr::vacation_end, attr::disabled_at, attr::removed_at};

void look(const sight& e, const telling& tell) { tell_problems(e, tell, [](std::string_view attribute) { return has_name(looked_at, attribute); }); }

} // namespace

const rule date_malformed{{"date-malformed", severity::error, reach::tree, repair::none,
                           "A date is none: an account with such an end never expires, and an automatic answer neither begins nor ends."},
                          look};

} // namespace vmail::check
