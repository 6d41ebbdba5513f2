#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include <unistd.h>

/// Internal: for the library and the tools built with it.
namespace vmail {

/// Owns a file descriptor.
class descriptor {
public:
    explicit descriptor(int fd = -1) noexcept : fd_(fd) {}
    descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    descriptor& operator=(descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    ~descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }

    explicit operator bool() const noexcept { return fd_ >= 0; }
    int get() const noexcept { return fd_; }
    int release() noexcept { return std::exchange(fd_, -1); } ///< the caller owns it from now on

private:
    int fd_;
};

/// What is left to read, but no more than `most` bytes of it. Nothing: errno says why not.
inline std::optional<std::string> read_to_end(int fd, std::size_t most = SIZE_MAX) {
    std::string text;
    std::array<char, 16384> block{};
    while (text.size() < most) {
        const ssize_t count = ::read(fd, block.data(), std::min(block.size(), most - text.size()));
        if (count == 0) break;
        if (count < 0 && errno != EINTR) return std::nullopt;
        if (count > 0) text.append(block.data(), static_cast<std::size_t>(count));
    }
    return text;
}

/// The reason of the last system call that failed, "No space left on device".
inline std::string system_reason() { return std::strerror(errno); }

} // namespace vmail
