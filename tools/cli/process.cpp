#include <signal.h> // NOLINT: SIGPIPE is POSIX
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cstdlib>
#include <exception>
#include <new>

#include <fmt/format.h>

#include <vmail/printable.hpp>

#include "process.hpp"
#include "terminal.hpp"

namespace vmail::tools {

void harden_process() {
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
        return exit_status(e.kind());
    };
    try {
        return body();
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
