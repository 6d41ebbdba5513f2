#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "message.hpp"

namespace vmail::mbox {

/// Whether the first line of the open file that is not blank is a From_ line. False where nothing of it can be read.
bool begins_as_mbox(int fd);

/// Some messages of an mbox, one after the other, and the bytes that they are views of. May move; the messages stay good.
struct batch {
    std::vector<message> messages{};
    std::unique_ptr<char[]> bytes{};
    std::size_t capacity = 0;
};

/// Reads an mbox from the beginning to the end, some megabytes at a time. In memory is what one batch holds: never less than one message.
class mbox_reader {
public:
    /// Of an open regular file, which has to stay open; the name is for error sentences. Throws invalid_value where the file is no mbox: it is not empty,
    /// and its first line that is not blank is no From_ line.
    mbox_reader(int fd, std::string name, message_options options);

    /// The next messages, in the memory that the batch has where it is enough; false at the end. Throws invalid_value, or error(unavailable) where the file got shorter meanwhile.
    bool next(batch& b);

    std::uint64_t size() const noexcept { return size_; }                   ///< of the file, when it was opened
    std::uint64_t position() const noexcept { return offset_; }             ///< bytes behind which all has been read
    std::uint64_t leading_blank() const noexcept { return leading_blank_; } ///< bytes of blank lines before the first message

private:
    void find_first();
    void fill(batch& b, std::size_t length);
    std::size_t split(batch& b, std::size_t length);
    std::string peek(std::uint64_t offset, std::size_t count) const;

    int fd_;
    std::string name_;
    message_options options_;
    std::uint64_t size_ = 0;
    std::uint64_t offset_ = 0; ///< of the first message that is not in a batch yet
    std::uint64_t leading_blank_ = 0;
    std::size_t wanted_ = 0; ///< what one more attempt needs
    summer sums_;
};

} // namespace vmail::mbox
