#include <array>
#include <string_view>

#include <vmail/check/problems.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace attr = schema::attr;

namespace {

constexpr std::array looked_at = {attr::quota, attr::default_quota};

void look(const sight& e, const telling& tell) { tell_problems(e, tell, [](std::string_view attribute) { return has_name(looked_at, attribute); }); }

} // namespace

const rule quota_malformed{{"quota-malformed", severity::error, reach::tree, repair::none,
                            "A quota is none that any daemon reads, so that the mailbox has no limit or gets no mail."},
                           look};

} // namespace vmail::check
