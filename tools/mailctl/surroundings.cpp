#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/layout.hpp>
#include <vmail/ldap/session.hpp>
#include <vmail/printable.hpp>
#include <vmail/schema.hpp>
#include <vmail/state.hpp>

#include <cli/output.hpp>

#include "surroundings.hpp"

namespace vmail::tools {

namespace {

bool is_right_below(const std::string& name, const ldap::dn& base) {
    try {
        const auto parsed = ldap::dn::parse(name);
        return !parsed.empty() && parsed.parent() == base;
    } catch (const invalid_value&) { // anonymous, or no DN
        return false;
    }
}

/// By which the tools would go on.
std::size_t write_own(invocation& run, ldap::ldif_writer& writer, bool passwords) {
    const std::string name = author_of(run.session().identity());
    const auto own = is_right_below(name, run.directory().site().layout.base()) ? run.session().find(ldap::dn::parse(name)) : std::nullopt;
    if (!own) return 0;
    const bool lacks_password = own->has_class("simpleSecurityObject") && (!passwords || !own->has(schema::attr::user_password));
    if (lacks_password) run.err().note(fmt::format("{} is left out: it is nothing without a password{}", printable(name), passwords ? ", which we may not read" : ""));
    else writer.write(passwords ? *own : without_passwords(*own));
    return lacks_password ? 0 : 1;
}

} // namespace

std::size_t write_base(invocation& run, ldap::ldif_writer& writer, bool passwords) {
    const ldap::dn& base = run.directory().site().layout.base();
    if (base.empty()) return 0;
    const auto top = run.session().find(base);
    if (!top) throw denied(fmt::format("{} may not be seen, and without it a copy is not whole", printable(base.text())), {.dn = base.text(), .hint = "leave out --with-base"});
    writer.write(*top);
    return 1 + write_own(run, writer, passwords);
}

std::size_t write_administrators(invocation& run, ldap::ldif_writer& writer, bool passwords) {
    const ldap::dn admins = run.directory().site().layout.admins();
    if (!run.session().find(admins, ldap::no_attributes())) return 0;
    return run.session().for_each({admins}, [&](ldap::entry&& e) { writer.write(passwords ? e : without_passwords(e)); });
}

} // namespace vmail::tools
