#pragma once

#include <string>

#include <vmail/domain_name.hpp>
#include <vmail/ldap/session.hpp>

#include <sandbox/sandbox.hpp>

#include "scratch_directory.hpp"

/// A sandbox of its own for a test binary, the one that `mailctl sandbox start` makes. It ends with the process, however that ends.
class test_directory {
public:
    test_directory();
    ~test_directory();

    /// The one of this binary: started when it is first asked for.
    static test_directory& shared();

    std::string uri() const { return sandbox_.uri(); }
    std::string base() const { return sandbox_.base(); }
    const std::filesystem::path& dir() const { return sandbox_.dir(); }

    /// A session's options as the owner of the sandbox: cn=mailctl, the identity of the tools.
    vmail::ldap::session_options as_owner() const;
    /// As cn=phamm, the identity of the mail daemons.
    vmail::ldap::session_options as_daemon() const;

    /// Ends slapd at once, in the middle of whatever it does.
    void kill_server();
    /// After that.
    void restart() { sandbox_.start(); }

private:
    scratch_directory scratch_;
    vmail::tools::sandbox sandbox_;
};

/// The name of a domain that no other test case uses. It does not exist yet.
vmail::domain_name unique_domain();
