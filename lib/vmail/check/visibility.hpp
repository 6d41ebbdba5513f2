#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include <vmail/ldap/dn.hpp>
#include <vmail/ldap/session.hpp>

/// Internal to check.
namespace vmail::check {

/// Whether an attribute that an entry does not show is not there, or hidden from us. Decided by the first entry without it, as the server answers who may
/// search for it.
class visibility {
public:
    explicit visibility(ldap::session& s) : session_(s) {}

    bool shows(const ldap::dn& where, std::string_view attribute);
    /// By attribute: false is hidden.
    const std::map<std::string, bool, std::less<>>& known() const noexcept { return known_; }

private:
    ldap::session& session_;
    std::map<std::string, bool, std::less<>> known_;
};

} // namespace vmail::check
