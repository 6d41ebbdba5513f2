#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vmail/resolved_open.hpp>

namespace vmail {

int open_resolved(int folder, const std::string& path, int flags, std::uint64_t resolve) {
    open_how how{};
    // Non-blocking, or a pipe that somebody left there would hold up the run.
    how.flags = static_cast<unsigned>(O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags);
    how.resolve = resolve;
    return static_cast<int>(::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof how));
}

} // namespace vmail
