#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include <vmail/error.hpp>

#include "fd_stream.hpp"

namespace vmail::tools {

fd_stream::fd_stream(int fd, std::string name) : std::ostream(nullptr), buffer_(fd, std::move(name)) {
    rdbuf(&buffer_);
    // The streams swallow exceptions of their buffer unless they are asked to let them through.
    exceptions(std::ios::badbit);
}

fd_stream::~fd_stream() {
    try {
        buffer_.pubsync();
    } catch (const error&) { // whoever wants to know calls flush()
    }
}

void fd_stream::require_open() {
    const int flags = ::fcntl(buffer_.fd(), F_GETFL);
    if (flags == -1 || (flags & O_ACCMODE) == O_RDONLY) buffer_.fail(EBADF);
    pollfd state{.fd = buffer_.fd(), .events = POLLOUT, .revents = 0};
    if (::poll(&state, 1, 0) == 1 && (state.revents & POLLERR) != 0) buffer_.fail(EPIPE);
}

bool fd_stream::is_terminal() const noexcept { return ::isatty(buffer_.fd()) == 1; }

std::size_t fd_stream::columns() const noexcept {
    winsize size{};
    return is_terminal() && ::ioctl(buffer_.fd(), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

fd_stream::buffer::buffer(int fd, std::string name) : fd_(fd), name_(std::move(name)) { setp(bytes_.data(), bytes_.data() + bytes_.size()); }

void fd_stream::buffer::write_all(const char* bytes, std::size_t count) {
    while (count != 0 && !broken_) {
        const auto written = ::write(fd_, bytes, count);
        if (written >= 0) {
            bytes += written;
            count -= static_cast<std::size_t>(written);
        } else if (errno == EPIPE && !reader_required_) {
            broken_ = true;
        } else if (errno != EINTR) {
            fail(errno);
        }
    }
}

void fd_stream::buffer::fail(int reason) {
    broken_ = true; // nothing more is tried while the error travels
    throw error(error_kind::unavailable, fmt::format("cannot write to {}: {}", name_, std::generic_category().message(reason)));
}

fd_stream::buffer::int_type fd_stream::buffer::overflow(int_type c) {
    write_whole_lines();
    if (!traits_type::eq_int_type(c, traits_type::eof())) sputc(traits_type::to_char_type(c));
    return traits_type::not_eof(c);
}

/// What is larger than the buffer does not go through it, but for the beginning of its last line.
std::streamsize fd_stream::buffer::xsputn(const char* bytes, std::streamsize count) {
    const std::string_view piece(bytes, static_cast<std::size_t>(count));
    const auto last_end = piece.rfind('\n');
    if (piece.size() < bytes_.size() || last_end == std::string_view::npos) return std::streambuf::xsputn(bytes, count);
    sync();
    write_all(bytes, last_end + 1);
    const auto rest = piece.substr(last_end + 1);
    std::streambuf::xsputn(rest.data(), static_cast<std::streamsize>(rest.size()));
    return count;
}

void fd_stream::buffer::write_whole_lines() {
    const std::string_view held(pbase(), static_cast<std::size_t>(pptr() - pbase()));
    const auto last_end = held.rfind('\n');
    if (last_end == std::string_view::npos) {
        sync(); // a line longer than all we can hold
        return;
    }
    write_all(held.data(), last_end + 1);
    const auto rest = held.substr(last_end + 1);
    std::copy(rest.begin(), rest.end(), bytes_.begin());
    setp(bytes_.data(), bytes_.data() + bytes_.size());
    pbump(static_cast<int>(rest.size()));
}

int fd_stream::buffer::sync() {
    const auto* const first = pbase();
    const auto count = static_cast<std::size_t>(pptr() - pbase());
    setp(bytes_.data(), bytes_.data() + bytes_.size());
    write_all(first, count);
    return 0;
}

} // namespace vmail::tools
