#include <cerrno>

#include <vmail/error.hpp>
#include <vmail/resolved_open.hpp>

#include "old_root.hpp"

namespace vmail::nis {

int open_in_root(int root, const std::string& path, int flags) {
    const int fd = open_resolved(root, path, flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
    if (fd < 0 && errno == ENOSYS)
        throw error(error_kind::configuration, "this kernel has no openat2(2), without which a symbolic link could lead out of the old server's files",
                    {.hint = "leave out --include-root, and give --forwards a list of the files"});
    return fd;
}

} // namespace vmail::nis
