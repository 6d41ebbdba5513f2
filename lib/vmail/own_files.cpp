#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include <fmt/format.h>

#include <vmail/descriptor.hpp>

#include <vmail/own_files.hpp>

namespace vmail {

namespace {

namespace fs = std::filesystem;

bool is_folder(const fs::path& path) {
    struct stat seen{};
    return ::stat(path.c_str(), &seen) == 0 && S_ISDIR(seen.st_mode);
}

bool is_own(int fd) {
    struct stat seen{};
    if (::fstat(fd, &seen) != 0) return false;
    errno = EPERM;
    return S_ISREG(seen.st_mode) && (seen.st_uid == ::geteuid() || seen.st_uid == 0) && (seen.st_mode & 022U) == 0;
}

bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(fd, text.data(), text.size());
        if (count < 0 && errno != EINTR) return false;
        if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

} // namespace

bool make_own_folder(const fs::path& folder) {
    if (folder.empty() || is_folder(folder)) return true;
    if (!make_own_folder(folder.parent_path())) return false;
    return ::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST;
}

bool sync_folder(const fs::path& folder) {
    const descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return fd && (::fsync(fd.get()) == 0 || errno == EINVAL);
}

std::optional<std::string> read_own_file(const fs::path& file) {
    const descriptor fd(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!fd || !is_own(fd.get())) return std::nullopt;
    return read_to_end(fd.get());
}

bool replace_own_file(const fs::path& file, std::string_view text) {
    const fs::path beside = fmt::format("{}.{}", file.native(), ::getpid());
    ::unlink(beside.c_str());
    const descriptor fd(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd) return false;
    if (write_all(fd.get(), text) && ::fsync(fd.get()) == 0 && std::rename(beside.c_str(), file.c_str()) == 0) return sync_folder(file.parent_path());
    const int reason = errno;
    ::unlink(beside.c_str());
    errno = reason;
    return false;
}

} // namespace vmail
