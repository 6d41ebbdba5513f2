#include "archive_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/mail_store/tree.hpp>
#include <vmail/printable.hpp>

namespace vmail::tools {

namespace {

[[noreturn]] void refuse(const std::filesystem::path& folder, std::string_view why) {
    throw error(error_kind::configuration, fmt::format("no archive is kept in {}: {}", printable(folder.native()), why), {.hint = "name another folder (archive-dir in mailctl.conf)"});
}

descriptor open_folder(const std::filesystem::path& path) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) refuse(path, system_reason());
    descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat seen{};
    if (!folder || ::fstat(folder.get(), &seen) != 0) refuse(path, system_reason());
    // Of who may write there what is archived could be another thing tomorrow.
    if (seen.st_uid != ::geteuid() || (seen.st_mode & 022U) != 0) refuse(path, "it belongs to somebody else, or others may write to it");
    return folder;
}

} // namespace

/// Of a run that is under way there is such a name for a moment alone.
void sweep_archives(const std::filesystem::path& path) {
    const descriptor opened = open_folder(path);
    const int folder = opened.get();
    constexpr std::chrono::hours old{1};
    const auto now = std::chrono::system_clock::now();
    for (const std::string& name : mail_store::folder_names(folder)) {
        struct stat seen{};
        if (!name.starts_with('.') || !name.ends_with(".part") || ::fstatat(folder, name.c_str(), &seen, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(seen.st_mode)) continue;
        if (std::chrono::system_clock::from_time_t(seen.st_mtime) + old < now) ::unlinkat(folder, name.c_str(), 0);
    }
}

archive_file::archive_file(std::filesystem::path folder, std::string name)
    : folder_path_(std::move(folder)), name_(std::move(name)), folder_(open_folder(folder_path_)), fd_(::openat(folder_.get(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)) {
    if (!fd_) refuse(folder_path_, system_reason());
}

void archive_file::commit() {
    const std::string beside = '.' + name_ + ".part", self = fmt::format("/proc/self/fd/{}", fd_.get());
    ::unlinkat(folder_.get(), beside.c_str(), 0);
    const bool done = ::fsync(fd_.get()) == 0 && ::linkat(AT_FDCWD, self.c_str(), folder_.get(), beside.c_str(), AT_SYMLINK_FOLLOW) == 0 &&
                      ::renameat(folder_.get(), beside.c_str(), folder_.get(), name_.c_str()) == 0 && ::fsync(folder_.get()) == 0;
    if (!done) throw unavailable(fmt::format("cannot keep {}: {}", printable(path().native()), system_reason()));
}

bool archive_file::commit_as(std::string name) {
    name_ = std::move(name);
    const std::string self = fmt::format("/proc/self/fd/{}", fd_.get());
    const bool linked = ::fsync(fd_.get()) == 0 && ::linkat(AT_FDCWD, self.c_str(), folder_.get(), name_.c_str(), AT_SYMLINK_FOLLOW) == 0;
    if (!linked && errno == EEXIST) return false;
    if (!linked || ::fsync(folder_.get()) != 0) throw unavailable(fmt::format("cannot keep {}: {}", printable(path().native()), system_reason()));
    return true;
}

std::string file_name_of(std::string_view text) {
    std::string name(text.substr(0, 120));
    for (char& c : name)
        if (!ascii::is_alnum(c) && std::string_view("@._+=-").find(c) == std::string_view::npos) c = '_';
    if (name.starts_with('.') || name.starts_with('-')) name.front() = '_';
    return name;
}

} // namespace vmail::tools
