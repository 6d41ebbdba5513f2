#pragma once

#include <filesystem>
#include <string>

#include "fd_stream.hpp"

namespace vmail::tools {

/// A file that is there whole or not at all: written beside its place under another name, mode 0600, and moved there by commit(). Without that it goes,
/// also when an interrupt ends the program. One at a time.
class output_file {
public:
    /// Throws error(unavailable) when it cannot be made.
    explicit output_file(std::filesystem::path path);
    ~output_file();
    output_file(const output_file&) = delete;
    output_file& operator=(const output_file&) = delete;

    fd_stream& stream() noexcept { return stream_; }
    /// To disk and to its place. Throws error(unavailable).
    void commit();

private:
    [[noreturn]] void fail(const char* doing) const;

    std::filesystem::path path_;
    std::string temporary_;
    int fd_;
    fd_stream stream_;
};

} // namespace vmail::tools
