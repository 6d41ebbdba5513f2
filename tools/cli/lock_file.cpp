#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "lock_file.hpp"

namespace vmail::tools {

namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, std::string_view why) { throw error(error_kind::configuration, fmt::format("cannot lock {}: {}", printable(path.native()), why)); }

/// What goes wrong in there is told with the hint.
template <typename Act> void hinted(const std::string& hint, const Act& act) {
    try {
        act();
    } catch (const error& e) {
        if (e.kind() != error_kind::configuration) throw;
        throw error(e.kind(), e.what(), {.hint = hint});
    }
}

/// More than the number of a process and a line end.
std::string beginning_of(int fd) {
    std::string text(32, '\0');
    const ssize_t count = ::pread(fd, text.data(), text.size(), 0);
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
}

/// What the holder wrote, or "" while it has not.
std::string holder_of(int fd) {
    const std::string text = beginning_of(fd);
    const auto digits = std::string_view(text).substr(0, text.find('\n'));
    return ascii::is_digits(digits) ? fmt::format(" (process {})", digits) : "";
}

/// A file of other contents was named by mistake: what is written would be all that is left of it.
void require_pid_or_nothing(int fd, const std::filesystem::path& path) {
    const std::string all = beginning_of(fd);
    const auto digits = std::string_view(all).substr(0, all.find('\n'));
    if (!all.empty() && (!ascii::is_digits(digits) || digits.size() + 1 < all.size())) refuse(path, "it holds something else than the number of a process");
}

/// Nobody else may hold it, nor what is written to it go elsewhere.
void require_ours(int fd, const std::filesystem::path& path) {
    struct stat seen{};
    if (::fstat(fd, &seen) != 0 || !S_ISREG(seen.st_mode)) refuse(path, "it is no regular file");
    // In a folder that everybody may write to, somebody else's file is somebody else's lock.
    if (seen.st_uid != ::geteuid()) refuse(path, "it belongs to somebody else");
    if (seen.st_nlink != 1) refuse(path, "it is another file, too, by a hard link");
    // Whoever may read it may lock it.
    if ((seen.st_mode & 077U) != 0 && ::fchmod(fd, 0600) != 0) refuse(path, std::strerror(errno));
}

} // namespace

lock_file::lock_file(const std::filesystem::path& path, const std::string& hint) {
    hinted(hint, [&] { acquire(path); });
}

void lock_file::acquire(const std::filesystem::path& path) {
    std::error_code ignored; // open() tells
    // The last folder alone: a name that is wrong from its beginning is a mistake, and its lock would be nobody else's.
    if (path.has_parent_path()) std::filesystem::create_directory(path.parent_path(), ignored);
    fd_ = descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd_) refuse(path, std::strerror(errno));
    require_ours(fd_.get(), path);
    require_pid_or_nothing(fd_.get(), path);
    if (::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) refuse(path, std::strerror(errno));
        throw conflict(fmt::format("another run holds the lock {}{}", printable(path.native()), holder_of(fd_.get())),
                       {.hint = "wait until it ends; a lock ends with its process"});
    }
    const auto pid = fmt::format("{}\n", ::getpid());
    if (::ftruncate(fd_.get(), 0) != 0 || ::pwrite(fd_.get(), pid.data(), pid.size(), 0) < 0) refuse(path, std::strerror(errno));
}

} // namespace vmail::tools
