#include <fmt/format.h>

#include <vmail/check/rules/table.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace attr = schema::attr;

namespace {

void look(const sight& e, const telling& tell) {
    const auto* const a = e.admin();
    if (a == nullptr || !e.around.sees_all()) return;
    for (const domain_name& d : a->domains)
        if (e.around.domains.find(d.text()) == nullptr) tell(e, fmt::format("it runs {}, which is not there: whoever makes it anew has this administrator as well", d.text()));
}

} // namespace

const rule admin_domain_missing{{"admin-domain-missing", severity::warning, reach::tree, repair::none,
                                 "A virtual admin runs a domain that is not there: whoever makes a domain of that name has him as well."},
                                look};

} // namespace vmail::check
