#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "output_file.hpp"

namespace nis2ldif {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t buffer_size = 1024 * 1024;

// What a signal handler may look at: the names of files that are not whole yet.
constexpr std::size_t most_files = 2;
std::array<const char*, most_files> unfinished{};

extern "C" void remove_unfinished(int signal) {
    for (const char* const name : unfinished)
        if (name) ::unlink(name);
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

void watch(const char* name) {
    for (const int signal : {SIGHUP, SIGINT, SIGTERM}) std::signal(signal, remove_unfinished);
    for (const char*& slot : unfinished)
        if (!slot) {
            slot = name;
            return;
        }
}

void forget(const char* name) {
    for (const char*& slot : unfinished)
        if (slot == name) slot = nullptr;
}

[[noreturn]] void fail(vmail::error_kind kind, const std::string& path, int code) {
    throw vmail::error(kind, fmt::format("cannot write {}: {}", vmail::printable(path), std::strerror(code)));
}

/// The file itself, where the name is a symbolic link to it.
std::string real_path(const std::string& path) {
    std::error_code ignored;
    if (!fs::is_symlink(path, ignored)) return path;
    const fs::path real = fs::canonical(path, ignored);
    return ignored ? path : real.string();
}

bool is_written_directly(const std::string& path) {
    std::error_code ignored;
    const fs::file_status status = fs::status(path, ignored);
    return fs::exists(status) && !fs::is_regular_file(status);
}

/// With the mode that mkstemp gives: 0600.
std::string make_temporary(const std::string& path) {
    std::string name = path + ".XXXXXX";
    const int fd = ::mkostemp(name.data(), O_CLOEXEC);
    if (fd < 0) fail(vmail::error_kind::configuration, path, errno);
    ::close(fd);
    return name;
}

/// Whether it worked; errno says why not.
bool sync(const std::string& path, int flags) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
    if (fd < 0) return false;
    const bool synced = ::fsync(fd) == 0;
    const int code = errno;
    ::close(fd);
    errno = code;
    return synced;
}

} // namespace

output_file::output_file(std::string path) : path_(real_path(path)), buffer_(buffer_size) {
    if (path_ == "-") {
        std::ios::sync_with_stdio(false);
        stream_ = &std::cout;
        return;
    }
    if (!is_written_directly(path_)) {
        temporary_ = make_temporary(path_);
        watch(temporary_.c_str());
    }
    auto file = std::make_unique<std::ofstream>();
    file->rdbuf()->pubsetbuf(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    file->open(is_renamed() ? temporary_ : path_, std::ios::binary);
    const int code = errno;
    owned_ = std::move(file);
    stream_ = owned_.get();
    if (!*stream_) fail(vmail::error_kind::configuration, path_, code);
}

output_file::~output_file() {
    if (!is_renamed()) return;
    if (!committed_) ::unlink(temporary_.c_str());
    forget(temporary_.c_str());
}

void output_file::commit() {
    errno = 0;
    stream_->flush();
    if (!*stream_) fail(vmail::error_kind::unavailable, path_, errno ? errno : EIO);
    if (is_renamed()) sync_and_rename();
    committed_ = true;
}

void output_file::sync_and_rename() {
    owned_.reset();
    if (!sync(temporary_, O_WRONLY) || std::rename(temporary_.c_str(), path_.c_str()) != 0) fail(vmail::error_kind::unavailable, path_, errno);
    const fs::path folder = fs::path(path_).parent_path();
    // The new name is in the folder; a file system that cannot sync a folder has nothing to lose there.
    sync(folder.empty() ? "." : folder.string(), O_RDONLY | O_DIRECTORY);
}

} // namespace nis2ldif
