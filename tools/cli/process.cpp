#include <fcntl.h>
#include <signal.h> // NOLINT: SIGPIPE is POSIX
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <ios>
#include <new>

#include <fmt/format.h>

#include <vmail/printable.hpp>

#include "exit_status.hpp"
#include "process.hpp"
#include "terminal.hpp"

namespace vmail::tools {

namespace {

/// A standard stream that is closed would be the next file that is opened: tables would go to the LDAP server, and its answers be taken for addresses.
/// What stands there instead fails as a closed one does.
void occupy_closed_streams() {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
        if (::fcntl(fd, F_GETFD) == -1) ::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

} // namespace

void harden_process() {
    occupy_closed_streams();
    std::ios::sync_with_stdio(false); // else std::cin takes an error for the end of the file
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    ::umask(077);
    ::signal(SIGPIPE, SIG_IGN);
    exit_on_interrupt();
    // libldap loads SASL's plugins as soon as it is used, which takes as long as everything else it does at start. EXTERNAL is built in.
    ::setenv("SASL_PATH", "/var/empty", 0);
}

int run_guarded(const diagnostics& err, const std::function<int()>& body) {
    const auto fail = [&](const error& e) {
        err.failure(e);
        return exit_status_of(e);
    };
    try {
        const int status = body();
        return status == 0 && err.has_lost_something() ? exit_status_of(error_kind::unavailable) : status;
    } catch (const error& e) {
        return fail(e);
    } catch (const std::bad_alloc&) {
        return fail(error(error_kind::unavailable, "out of memory"));
    } catch (const std::exception& e) {
        return fail(
            error(error_kind::internal, fmt::format("internal error: {}", printable(e.what())), {.hint = "this is a bug of ours: please report it"}));
    }
}

} // namespace vmail::tools
