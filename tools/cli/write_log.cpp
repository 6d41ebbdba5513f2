#include <sstream>

#include <vmail/ldap/ldif.hpp>

#include "output.hpp"
#include "write_log.hpp"

namespace vmail::tools {

namespace {

class ldif_of {
public:
    void operator()(const ldap::add_request& r) {
        for (const auto& a : r.entry.attributes()) hide_if_password(a.name);
        writer_.write_add(without_passwords(r.entry));
    }
    void operator()(const ldap::modify_request& r) {
        std::vector<ldap::modification> shown;
        for (const auto& m : r.changes)
            if (!hide_if_password(m.attribute)) shown.push_back(m);
        if (shown.empty())
            writer_.write_comment(summary(r));
        else
            writer_.write_modify(r.dn, shown);
    }
    void operator()(const ldap::delete_request& r) { writer_.write_delete(r.dn); }
    void operator()(const ldap::rename_request& r) { writer_.write_rename(r.dn, r.new_dn, r.keep_old_value); }
    std::string text() const { return out_.str(); }

private:
    bool hide_if_password(std::string_view attribute) {
        if (!is_password_attribute(attribute)) return false;
        writer_.write_comment(std::string(attribute) + " is written too, and not shown");
        return true;
    }

    std::ostringstream out_;
    ldap::ldif_writer writer_{out_};
};

struct verb_of {
    const char* operator()(const ldap::add_request&) const { return "add"; }
    const char* operator()(const ldap::modify_request&) const { return "modify"; }
    const char* operator()(const ldap::delete_request&) const { return "delete"; }
    const char* operator()(const ldap::rename_request&) const { return "rename"; }
};

} // namespace

std::string to_ldif(const ldap::write_request& request) {
    ldif_of ldif;
    std::visit(ldif, request);
    return ldif.text();
}

std::string summary(const ldap::write_request& request) { return std::string(std::visit(verb_of{}, request)) + ' ' + ldap::target(request).text(); }

} // namespace vmail::tools
