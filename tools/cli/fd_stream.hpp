#pragma once

#include <array>
#include <ostream>
#include <streambuf>
#include <string>

namespace vmail::tools {

/// A stream on a descriptor that is not ours to close. A write that fails throws error(unavailable), out of whatever output operation met it.
///
/// What leaves it before it is flushed ends with a whole line, so that a reader of lines meets no half of an address whenever this program ends.
///
/// When the reader of a pipe has gone away, the rest is thrown away in silence: is_broken() tells those that could stop.
class fd_stream : public std::ostream {
public:
    /// The name stands in error sentences.
    fd_stream(int fd, std::string name);
    ~fd_stream() override; ///< writes what is still held back, and says nothing when it cannot: flush() first

    bool is_broken() const noexcept { return buffer_.is_broken(); }
    bool is_terminal() const noexcept;

private:
    class buffer : public std::streambuf {
    public:
        buffer(int fd, std::string name);
        bool is_broken() const noexcept { return broken_; }
        int fd() const noexcept { return fd_; }

    protected:
        int_type overflow(int_type c) override;
        std::streamsize xsputn(const char* bytes, std::streamsize count) override;
        int sync() override;

    private:
        void write_whole_lines();
        void write_all(const char* bytes, std::size_t count);

        int fd_;
        std::string name_;
        bool broken_ = false;
        std::array<char, 65536> bytes_{};
    };

    buffer buffer_;
};

} // namespace vmail::tools
