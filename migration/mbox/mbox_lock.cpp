#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <string_view>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "mbox_lock.hpp"

namespace vmail::mbox {

namespace {

using namespace std::chrono_literals;

// As liblockfile has it.
constexpr std::time_t forgotten_after = 300;
constexpr auto between_attempts = 100ms;

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

void write_lock_text(const descriptor& file) {
    const std::string text = fmt::format("{}:{}", ::getpid(), host_name());
    (void)!::write(file.get(), text.data(), text.size()); // for others: it is a lock without a word in it, too
}

} // namespace

descriptor make_lock_file(const descriptor& directory, const std::string& name, mode_t mode) {
    descriptor file(::openat(directory.get(), ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, mode));
    if (file) {
        write_lock_text(file);
        const std::string itself = fmt::format("/proc/self/fd/{}", file.get());
        if (::linkat(AT_FDCWD, itself.c_str(), directory.get(), name.c_str(), AT_SYMLINK_FOLLOW) == 0) return file;
        if (errno == EEXIST) return descriptor();
    }
    file = descriptor(::openat(directory.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (file) write_lock_text(file);
    return file;
}

bool is_left_over(const descriptor& directory, const std::string& name) {
    const descriptor file(::openat(directory.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    std::array<char, 300> bytes{};
    const ssize_t got = file ? ::pread(file.get(), bytes.data(), bytes.size(), 0) : 0;
    const std::string_view text(bytes.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon > 9 || !ascii::is_digits(text.substr(0, colon)) || text.substr(colon + 1) != host_name())
        return false;
    const auto pid = static_cast<pid_t>(std::strtol(std::string(text.substr(0, colon)).c_str(), nullptr, 10));
    return pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH;
}

void wait_for_lock(const std::atomic<bool>* stop) {
    if (stop && *stop) throw error(error_kind::interrupted, "interrupted");
    std::this_thread::sleep_for(between_attempts);
    if (stop && *stop) throw error(error_kind::interrupted, "interrupted");
}

mbox_lock::mbox_lock(const source_path& source, int fd, const lock_options& options) : source_(source), fd_(fd), name_(source.name + ".lock") {
    const auto deadline = std::chrono::steady_clock::now() + options.timeout;
    while (true) {
        if (!options.dotlock || try_dotlock() == attempt::taken) {
            if (try_fcntl() == attempt::taken) return;
            release_dotlock();
        }
        if (std::chrono::steady_clock::now() >= deadline)
            throw conflict(fmt::format("cannot lock {}: {}", printable(source_.text), holder_), {.hint = "try again when nobody reads or writes it"});
        wait_for_lock(options.stop);
    }
}

mbox_lock::~mbox_lock() {
    release_dotlock();
    struct flock all {};
    all.l_type = F_UNLCK;
    all.l_whence = SEEK_SET;
    (void)::fcntl(fd_, F_OFD_SETLK, &all);
}

mbox_lock::attempt mbox_lock::try_dotlock() {
    const int parent = source_.parent->get();
    struct stat status {};
    if (const descriptor file = make_lock_file(*source_.parent, name_, 0644)) {
        made_ = true;
        if (::fstat(file.get(), &status) == 0) {
            device_ = status.st_dev;
            inode_ = status.st_ino;
        }
        return attempt::taken;
    }
    if (errno != EEXIST) return attempt::taken; // no right to, read-only, full, on O_PATH: the other lock has to do
    if (::fstatat(parent, name_.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return attempt::held; // gone again
    if (std::time(nullptr) - status.st_mtime > forgotten_after) return attempt::taken;
    if (status.st_uid == ::geteuid() && is_left_over(*source_.parent, name_)) {
        ::unlinkat(parent, name_.c_str(), 0);
        return try_dotlock();
    }
    holder_ = fmt::format("{}.lock is there", printable(source_.text));
    return attempt::held;
}

mbox_lock::attempt mbox_lock::try_fcntl() {
    struct flock all {};
    all.l_type = F_RDLCK;
    all.l_whence = SEEK_SET;
    // An open file's own lock, which closing another descriptor of the same file does not lose; it meets the classic ones of delivery agents.
    if (::fcntl(fd_, F_OFD_SETLK, &all) == 0) return attempt::taken;
    if (errno != EAGAIN && errno != EACCES) throw unavailable(fmt::format("cannot lock {}: {}", printable(source_.text), system_reason()));
    holder_ = "another process has a lock on it (fcntl)";
    if (::fcntl(fd_, F_OFD_GETLK, &all) == 0 && all.l_type != F_UNLCK && all.l_pid > 0)
        holder_ = fmt::format("process {} has a lock on it (fcntl)", all.l_pid);
    return attempt::held;
}

void mbox_lock::release_dotlock() noexcept {
    if (!made_) return;
    made_ = false;
    struct stat status {};
    if (::fstatat(source_.parent->get(), name_.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return;
    // Somebody may have taken ours for a forgotten one, and have his own there now.
    if (status.st_dev == device_ && status.st_ino == inode_) ::unlinkat(source_.parent->get(), name_.c_str(), 0);
}

} // namespace vmail::mbox
