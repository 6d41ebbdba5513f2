#pragma once

#include <string>

#include <vmail/ldap/session.hpp>

#include <sandbox/slapd.hpp>

#include "scratch_directory.hpp"

/// A directory that others set up (tests/data/foreign): Phamm's schema without an ordering rule on expireDate, without vmail.schema, no search
/// longer than 500 entries, and a service account that is not the rootdn.
class foreign_directory {
public:
    enum class transport { ldapi, ldap_on_loopback };

    explicit foreign_directory(transport by = transport::ldapi);
    ~foreign_directory();

    const std::string& uri() const noexcept { return uri_; }
    std::string base() const { return "dc=foreign,dc=example"; }
    std::string service_dn() const { return "cn=service," + base(); }
    /// Holds the password of the service account, mode 0600.
    std::filesystem::path password_file() const { return scratch_.path() / "service.password"; }

    vmail::ldap::session_options as_service() const;

private:
    void configure() const;

    scratch_directory scratch_;
    std::string uri_;
    vmail::tools::slapd server_;
};
