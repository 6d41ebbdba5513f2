#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vmail/ascii.hpp>
#include <vmail/printable.hpp>

#include <vmail/check/rules/table.hpp>
#include <vmail/domain_way.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace attr = schema::attr;
namespace cls = schema::cls;

namespace {

std::string others_of(const std::vector<std::string>& values, const std::string& own) {
    std::vector<std::string> others;
    for (const std::string& v : values)
        if (const auto goal = domain_way::goal_of(v)) others.push_back(printable(*goal) + " (where it is on its way to)");
        else if (!ascii::iequals(v, own)) others.push_back(printable(v));
    return fmt::to_string(fmt::join(others, ", "));
}

void look(const sight& e, const telling& tell) {
    const bool is_domain = e.entry.has_class(cls::domain) || e.entry.has_class(cls::backup_domain);
    if (!is_domain && e.addresses().empty()) return;
    const auto& values = e.values(is_domain ? attr::vd : attr::mail);
    if (values.size() > 1)
        tell(e, fmt::format("it is called {} as well: a rename that is half done, or a second {}", others_of(values, e.subject()), is_domain ? "name" : "address"));
}

} // namespace

const rule second_address{{"second-address", severity::warning, reach::tree, repair::none,
                           "An entry has two addresses, or a domain two names: a rename was cut and the same rename, given again, finishes it; or somebody gave a second address, to which an alias would be right."},
                          look};

} // namespace vmail::check
