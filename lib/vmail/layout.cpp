#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/layout.hpp>
#include <vmail/schema.hpp>

namespace vmail {

namespace {

constexpr std::string_view container_type = "o";
constexpr std::string_view container_name = "hosting";

bool is_container(const ldap::dn& name) {
    if (name.empty() || name.rdns().front().size() != 1) return false;
    const ldap::attribute_value& first = name.rdns().front().front();
    return ascii::iequals(first.type, container_type) && ascii::iequals(first.value, container_name);
}

std::string_view fault_of_folder_name(std::string_view name) {
    if (name.starts_with('"')) return "it is quoted";
    if (name.starts_with('.')) return "it begins with a dot";
    if (name.starts_with('-')) return "it begins with a hyphen";
    if (name.find('/') != std::string_view::npos) return "it holds a slash";
    if (name.find('\0') != std::string_view::npos) return "it holds a NUL";
    return {};
}

} // namespace

layout::layout(const ldap::dn& base)
    : base_(is_container(base) ? base.parent() : base),
      container_(is_container(base) ? base : base.child(container_type, container_name)) {}

ldap::dn layout::domain(const domain_name& name) const { return container_.child(schema::attr::vd, name.text()); }

ldap::dn layout::mailbox(const vmail::address& a) const { return alias(a); }

ldap::dn layout::alias(const alias_address& a) const {
    const ldap::dn parent = domain(a.domain());
    if (ascii::iequals(a.local_part(), schema::postmaster)) return parent.child(schema::attr::cn, schema::postmaster);
    return parent.child(schema::attr::mail, a.text());
}

ldap::dn layout::backup_mail(const alias_address& a) const { return domain(a.domain()).child(schema::attr::mail, a.text()); }

ldap::dn layout::admins() const { return base_.child("ou", "admin"); }

ldap::dn layout::admin(std::string_view name) const { return admins().child(schema::attr::cn, name); }

std::string maildir_path(const address& a) {
    if (const std::string_view fault = fault_of_folder_name(a.local_part()); !fault.empty())
        throw invalid_value(fmt::format("the local part of {} cannot be the name of a folder: {}", quoted(a.text()), fault));
    return fmt::format("{}/{}/", a.domain().text(), ascii::to_lower(a.local_part()));
}

} // namespace vmail
