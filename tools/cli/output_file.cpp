#include <fcntl.h>
#include <stdlib.h> // NOLINT: mkostemp is POSIX
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include <vmail/printable.hpp>

#include "output_file.hpp"
#include "terminal.hpp"

namespace vmail::tools {

namespace {

namespace fs = std::filesystem;

/// Whether a link is ours or root's: that of a user would have root write wherever he likes.
bool is_trusted(const struct stat& link) { return link.st_uid == 0 || link.st_uid == ::geteuid(); }

/// The file that a link leads to; it need not be there.
std::string target_of(const std::string& link) {
    std::error_code failed;
    const fs::path real = fs::canonical(link, failed);
    return failed ? fs::path(link).parent_path() / fs::read_symlink(link, failed) : real;
}

std::string name_of(const std::string& path) { return path == "-" ? "standard output" : printable(path); }

std::string folder_of(const std::string& path) {
    const fs::path folder = fs::path(path).parent_path();
    return folder.empty() ? "." : folder.native();
}

/// Nothing where the file system has no such files, or nothing could give it a name later.
descriptor open_without_name(const std::string& path) {
    if (::access("/proc/self/fd", X_OK) != 0) return descriptor();
    return descriptor(::open(folder_of(path).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
}

/// The new name is in the folder; a file system that cannot sync a folder has nothing to lose there.
void sync_folder_of(const std::string& path) {
    const descriptor fd(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd) ::fsync(fd.get());
}

} // namespace

output_file::place output_file::find(const std::string& path) {
    if (path == "-") return {path, true};
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return {path, false};
    const bool is_link = S_ISLNK(status.st_mode);
    if (is_link && !is_trusted(status)) return {path, false};
    if (is_link && ::stat(path.c_str(), &status) != 0) return {target_of(path), false};
    if (!S_ISREG(status.st_mode)) return {path, true};
    return {is_link ? target_of(path) : path, false};
}

output_file::output_file(const std::string& path, wait when) : output_file(find(path), when) {}

output_file::output_file(place p, wait when)
    : path_(std::move(p.path)), wait_(when), is_moved_(!p.directly), fd_(open()), stream_(fd_.get(), name_of(path_)) {
    stream_.require_reader();
    if (has_name()) delete_on_interrupt(temporary_.c_str());
}

output_file::~output_file() {
    if (!has_name()) return;
    ::unlink(temporary_.c_str());
    do_not_delete(temporary_.c_str());
}

void output_file::open_to(mode_t mode, std::optional<gid_t> group) {
    if (!is_moved_) return;
    if (group && ::fchown(fd_.get(), static_cast<uid_t>(-1), *group) != 0) fail(error_kind::unavailable);
    if (::fchmod(fd_.get(), mode) != 0) fail(error_kind::unavailable);
}

void output_file::commit() {
    stream_.flush();
    if (!is_moved_) return;
    const bool synced = wait_ == wait::later || ::fsync(fd_.get()) == 0;
    if (!synced || !put_in_place()) fail(error_kind::unavailable);
    is_moved_ = false;
    if (wait_ == wait::in_commit) sync_folder_of(path_);
}

bool output_file::put_in_place() {
    if (has_name()) {
        if (std::rename(temporary_.c_str(), path_.c_str()) != 0) return false;
        do_not_delete(temporary_.c_str());
        temporary_.clear();
        return true;
    }
    if (link_to(path_)) return true;
    // No link takes the place of what is there. Killed between these, it leaves a whole file of that name, which the next run takes away.
    const std::string beside = path_ + ".part";
    if (errno != EEXIST || (::unlink(beside.c_str()) != 0 && errno != ENOENT) || !link_to(beside)) return false;
    if (std::rename(beside.c_str(), path_.c_str()) == 0) return true;
    const int why = errno;
    ::unlink(beside.c_str());
    errno = why;
    return false;
}

bool output_file::link_to(const std::string& name) const {
    return ::linkat(AT_FDCWD, fmt::format("/proc/self/fd/{}", fd_.get()).c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0;
}

descriptor output_file::open() {
    if (is_moved_) {
        descriptor nameless = open_without_name(path_);
        return nameless ? std::move(nameless) : open_with_name();
    }
    descriptor fd(path_ == "-" ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) : ::open(path_.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC));
    if (!fd) fail(error_kind::configuration);
    return fd;
}

descriptor output_file::open_with_name() {
    temporary_ = path_ + ".XXXXXX";
    descriptor fd(::mkostemp(temporary_.data(), O_CLOEXEC));
    if (fd) return fd;
    temporary_.clear(); // it is nobody's
    fail(error_kind::configuration);
}

void output_file::fail(error_kind kind) const { throw error(kind, fmt::format("cannot write {}: {}", name_of(path_), system_reason())); }

void sync_file_system(const std::string& folder) {
    const descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || ::syncfs(fd.get()) != 0) throw error(error_kind::unavailable, fmt::format("cannot write {}: {}", printable(folder), system_reason()));
}

} // namespace vmail::tools
