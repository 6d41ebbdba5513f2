#include <cerrno>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vmail/error.hpp>

#include "old_root.hpp"

namespace vmail::nis {

int open_in_root(int root, const std::string& path, int flags) {
    open_how how{};
    // Non-blocking, or a pipe that somebody left there would hold up the run.
    how.flags = static_cast<unsigned>(O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags);
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    const long fd = ::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how);
    if (fd < 0 && errno == ENOSYS)
        throw error(error_kind::configuration, "this kernel has no openat2(2), without which a symbolic link could lead out of the old server's files",
                    {.hint = "leave out --include-root, and give --forwards a list of the files"});
    return static_cast<int>(fd);
}

} // namespace vmail::nis
