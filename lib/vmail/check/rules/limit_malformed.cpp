#include <array>
#include <string_view>

#include <vmail/check/problems.hpp>
#include <vmail/check/rules/table.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace attr = schema::attr;

namespace {

constexpr std::array looked_at = {attr::max_mail, attr::max_alias, attr::max_quota, attr::max_domain};

void look(const sight& e, const telling& tell) { tell_problems(e, tell, [](std::string_view attribute) { return has_name(looked_at, attribute); }); }

} // namespace

const rule limit_malformed{{"limit-malformed", severity::warning, reach::tree, repair::none,
                            "The limit of a domain or of an administrator is no number, and so none."},
                           look};

} // namespace vmail::check
