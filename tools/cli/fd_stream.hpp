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
/// When the reader of a pipe has gone away, the rest is thrown away in silence: is_broken() tells those that could stop. Of what must be read, this is
/// an error as any other: require_reader().
class fd_stream : public std::ostream {
public:
    /// The name stands in error sentences.
    fd_stream(int fd, std::string name);
    ~fd_stream() override; ///< writes what is still held back, and says nothing when it cannot: flush() first

    bool is_broken() const noexcept { return buffer_.is_broken(); }
    bool is_terminal() const noexcept;
    /// Of the terminal; 0 where it is none, or does not say.
    std::size_t columns() const noexcept;

    /// From now on a reader that has gone away is an error: what is written tells what was done, or is of no use in part.
    void require_reader() noexcept { buffer_.require_reader(); }
    /// Throws error(unavailable) where it is known already that nobody gets what is written: the descriptor is closed, or the reader of a pipe has gone.
    void require_open();

private:
    class buffer : public std::streambuf {
    public:
        buffer(int fd, std::string name);
        bool is_broken() const noexcept { return broken_; }
        void require_reader() noexcept { reader_required_ = true; }
        int fd() const noexcept { return fd_; }
        [[noreturn]] void fail(int reason);

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
        bool reader_required_ = false;
        std::array<char, 65536> bytes_{};
    };

    buffer buffer_;
};

} // namespace vmail::tools
