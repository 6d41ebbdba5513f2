#pragma once

#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace nis2ldif {

/// A file that is there whole or not at all: it is written under another name in the same folder, readable by its owner alone, and takes its name in
/// commit(). One that is never committed leaves nothing behind, also when a signal ends the program.
///
/// "-" is standard output, and what exists and is no regular file (a device, a pipe) is written to directly.
class output_file {
public:
    /// Throws error(configuration) when it cannot be made.
    explicit output_file(std::string path);
    output_file(const output_file&) = delete;
    output_file& operator=(const output_file&) = delete;
    ~output_file();

    std::ostream& stream() noexcept { return *stream_; }

    /// Throws error(unavailable) unless every byte is on disk under its name (or was taken by the pipe).
    void commit();

private:
    bool is_renamed() const noexcept { return !temporary_.empty(); }
    void sync_and_rename();

    std::string path_;
    std::string temporary_; ///< empty: written directly
    std::vector<char> buffer_;
    std::unique_ptr<std::ostream> owned_;
    std::ostream* stream_ = nullptr;
    bool committed_ = false;
};

} // namespace nis2ldif
