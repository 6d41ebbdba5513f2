#include <array>
#include <string_view>

#include <vmail/check/problems.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace attr = schema::attr;

namespace {

constexpr std::array looked_at = {attr::maildrop, attr::list_owner};

void look(const sight& e, const telling& tell) { tell_problems(e, tell, [](std::string_view attribute) { return has_name(looked_at, attribute); }); }

} // namespace

const rule target_malformed{{"target-malformed", severity::error, reach::tree, repair::none,
                             "A place to send mail to is none: mail that goes there is lost or comes back."},
                            look};

} // namespace vmail::check
