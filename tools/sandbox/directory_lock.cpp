#include "directory_lock.hpp"

#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

namespace vmail::tools {
namespace {

using namespace std::chrono_literals;

/// Whether the path still leads to the file that is open: its last holder may have deleted it.
bool is_at(const descriptor& file, const std::filesystem::path& path) {
    struct stat held {}, there {};
    return fstat(file.get(), &held) == 0 && stat(path.c_str(), &there) == 0 && held.st_ino == there.st_ino && held.st_dev == there.st_dev;
}

descriptor open_lock(const std::filesystem::path& path) {
    descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file)
        throw error(error_kind::configuration, fmt::format("cannot open {}: {}", vmail::quoted(path.string(), 200), std::generic_category().message(errno)));
    return file;
}

} // namespace

directory_lock::directory_lock(const std::filesystem::path& dir) {
    const auto path = dir / "lock";
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (std::chrono::steady_clock::now() < deadline) {
        file_ = open_lock(path);
        if (flock(file_.get(), LOCK_EX | LOCK_NB) == 0 && is_at(file_, path)) return;
        std::this_thread::sleep_for(20ms);
    }
    throw conflict(fmt::format("another process is starting or stopping the sandbox in {}", vmail::quoted(dir.string(), 200)));
}

} // namespace vmail::tools
