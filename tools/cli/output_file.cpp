#include <fcntl.h>
#include <stdlib.h> // NOLINT: mkostemp is POSIX
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "output_file.hpp"
#include "terminal.hpp"

namespace vmail::tools {

output_file::output_file(std::filesystem::path path)
    : path_(std::move(path)), temporary_(path_.native() + ".XXXXXX"), fd_(::mkostemp(temporary_.data(), O_CLOEXEC)),
      stream_(fd_, printable(path_.native())) {
    if (fd_ < 0) fail("make");
    delete_on_interrupt(temporary_.c_str());
}

output_file::~output_file() {
    if (fd_ < 0) return;
    ::close(fd_);
    ::unlink(temporary_.c_str());
    delete_on_interrupt(nullptr);
}

void output_file::commit() {
    stream_.flush();
    if (::fsync(fd_) != 0) fail("write");
    if (std::rename(temporary_.c_str(), path_.c_str()) != 0) fail("rename the new");
    delete_on_interrupt(nullptr);
    ::close(fd_);
    fd_ = -1;
}

void output_file::fail(const char* doing) const {
    const auto reason = std::generic_category().message(errno);
    throw error(error_kind::unavailable, fmt::format("cannot {} {}: {}", doing, printable(path_.native()), reason));
}

} // namespace vmail::tools
