#include <fmt/format.h>

#include <vmail/check/rules/table.hpp>

namespace vmail::check {

namespace {

void look(const sight& e, const telling& tell) {
    const auto* const a = e.admin();
    if (a != nullptr && a->max_domains && a->domains.size() > *a->max_domains) tell(e, fmt::format("it runs {} domains and may have {}", a->domains.size(), *a->max_domains));
}

} // namespace

const rule admin_over_limit{{"admin-over-limit", severity::warning, reach::tree, repair::none,
                             "A virtual admin runs more domains than maxDomain lets him have."},
                            look};

} // namespace vmail::check
