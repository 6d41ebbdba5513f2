#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace vmail::activity {

/// The bytes of one log, uncompressed, from its beginning to where it ends now.
class log_source {
public:
    virtual ~log_source() = default;

    /// As many as fit, at least one; 0 at the end. Throws unavailable where it cannot be read, invalid_value where what is compressed is damaged.
    virtual std::size_t read(char* to, std::size_t room) = 0;
    /// Goes on at this byte, and is quicker than reading up to it. False: it cannot, or there are not so many.
    virtual bool seek(std::uint64_t) { return false; }

    const std::string& name() const noexcept { return name_; }     ///< for sentences, printable
    std::int64_t written() const noexcept { return written_; }     ///< when it was last, in seconds since 1970: no line of it is later
    bool is_complete() const noexcept { return is_complete_; }     ///< nothing is going to be written behind its end

protected:
    log_source(std::string name, std::int64_t written, bool is_complete) : name_(std::move(name)), written_(written), is_complete_(is_complete) {}

private:
    std::string name_;
    std::int64_t written_;
    bool is_complete_;
};

/// A file, whatever its name: as it is, or compressed by gzip, zstd, xz or bzip2. It is complete when it is compressed, or when its name is one of logrotate (.1, -20261129) and
/// nothing was written for an hour. Throws error(input_missing).
std::unique_ptr<log_source> open_log(const std::filesystem::path& file);
/// What comes from a descriptor, such as 0, compressed or not. It stays the caller's.
std::unique_ptr<log_source> open_log(int fd, const std::string& name);
/// What journald has of the facility "mail", from this cursor on, by journalctl. Throws error(configuration) where there is none.
std::unique_ptr<log_source> open_journal(const std::string& cursor);
/// A log in memory, last written at this moment.
std::unique_ptr<log_source> log_of_text(std::string text, std::int64_t written);

/// In the order in which they were last written, so that what one begins the next one ends. What is not there stays at the end: open_log() tells it.
std::vector<std::filesystem::path> oldest_first(std::vector<std::filesystem::path> files);

} // namespace vmail::activity
