#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/printable.hpp>

#include <vmail/check/rules/table.hpp>
#include <vmail/naming.hpp>
#include <vmail/schema.hpp>

namespace vmail::check {

namespace attr = schema::attr;
namespace cls = schema::cls;

namespace {

bool is_postmaster(const alias& a) { return ascii::iequals(a.address.local_part(), schema::postmaster); }

/// Why the entry of an address of this domain is not where it belongs.
std::string fault_of_place(const sight& e, const std::string& domain) {
    const auto vd = e.name_above();
    if (!vd) return "it lies below no domain";
    if (!ascii::iequals(*vd, domain)) return fmt::format("it lies in the domain {}", printable(*vd));
    const auto* const known = e.domain_above();
    if (known == nullptr) return e.around.sees_all() ? fmt::format("there is no domain {}", printable(*vd)) : std::string();
    return e.is_right_below(known->dn) ? std::string() : fmt::format("the domain {} is elsewhere", printable(*vd));
}

void look_at_address(const sight& e, const std::string& domain, const telling& tell) {
    if (const auto fault = fault_of_place(e, domain); !fault.empty()) tell(e, fmt::format("the entry is not where it belongs: {}", fault));
}

void look(const sight& e, const telling& tell) {
    if (const auto* const m = e.mailbox()) return look_at_address(e, m->address.domain().text(), tell);
    if (const auto* const a = e.alias()) {
        look_at_address(e, a->address.domain().text(), tell);
        if (is_postmaster(*a) && !naming::rdn_value(e.entry, attr::cn)) tell(e, "the entry of postmaster is not named cn=postmaster, by which alone it administers the domain");
    }
    if (e.entry.has_class(cls::domain) && !(e.entry.dn().parent() == e.site().layout.container())) tell(e, "the domain is not directly below o=hosting");
}

} // namespace

const rule entry_misplaced{{"entry-misplaced", severity::warning, reach::tree, repair::none,
                            "An entry is not where its address belongs: access rules and everything that lists a domain look for it there."},
                           look};

} // namespace vmail::check
