#include <vmail/ldap/wire/library.hpp>

#include <cstdlib>
#include <ctime>
#include <string>

#include <vmail/error.hpp>

namespace vmail::ldap::wire {

// Before main() and so before any thread: setenv() is not safe later, and libldap looks at its first call.
__attribute__((constructor)) static void forget_foreign_defaults() { setenv("LDAPNOINIT", "1", 1); }

void initialise_libldap() {}

void set_option(LDAP* ld, int option, const void* value, const char* name) {
    if (ldap_set_option(ld, option, value) != LDAP_OPT_SUCCESS) throw error(error_kind::internal, std::string("cannot set the LDAP option ") + name);
}

no_sigpipe::no_sigpipe() noexcept {
    sigset_t pending, pipe;
    sigemptyset(&pending);
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, &before_);
}

no_sigpipe::~no_sigpipe() {
    if (!was_pending_) {
        sigset_t pipe;
        sigemptyset(&pipe);
        sigaddset(&pipe, SIGPIPE);
        const timespec at_once{};
        sigtimedwait(&pipe, nullptr, &at_once); // takes away what our own write left behind
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

} // namespace vmail::ldap::wire
