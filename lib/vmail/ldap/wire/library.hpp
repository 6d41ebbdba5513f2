#pragma once

#include <csignal>

#include <ldap.h>

namespace vmail::ldap::wire {

/// Sees to it that libldap reads no ldaprc and no LDAP* environment. Done when this library is loaded, before any thread;
/// calling it again does nothing and keeps the object file in a static link.
void initialise_libldap();

/// Sets one option or throws error(internal) that names it.
void set_option(LDAP* ld, int option, const void* value, const char* name);

/// While it lives, writing to a socket whose peer is gone gives this thread an error and no SIGPIPE.
class no_sigpipe {
public:
    no_sigpipe() noexcept;
    ~no_sigpipe();
    no_sigpipe(const no_sigpipe&) = delete;
    no_sigpipe& operator=(const no_sigpipe&) = delete;

private:
    sigset_t before_{};
    bool was_pending_ = false;
};

} // namespace vmail::ldap::wire
