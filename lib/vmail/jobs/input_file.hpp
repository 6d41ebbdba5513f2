#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <ios>
#include <istream>
#include <limits>
#include <streambuf>
#include <string>
#include <string_view>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/descriptor.hpp>

/// Internal to the jobs.
namespace vmail::jobs {

/// A file that is read more than once, whatever becomes of its name meanwhile. "-" is standard input. What can be read only once (a pipe) is kept in
/// a temporary file without a name. Throws error(input_missing).
class input_file {
public:
    /// What can be read only once is read no further than where it has more than `most` bytes.
    explicit input_file(const std::filesystem::path& path, off_t most = std::numeric_limits<off_t>::max()) : name_(path == "-" ? "standard input" : path.native()) {
        fd_ = descriptor(path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        struct stat seen{};
        if (!fd_ || ::fstat(fd_.get(), &seen) != 0) fail(system_reason());
        if (S_ISDIR(seen.st_mode)) fail("it is a folder");
        if (!S_ISREG(seen.st_mode)) keep(most);
        else if (path == "-") take_rest();
    }

    /// One that is open already, a regular file.
    input_file(descriptor fd, std::string name) : name_(std::move(name)), fd_(std::move(fd)) {}

    const std::string& name() const noexcept { return name_; }

    /// A stream from the file's beginning, or where standard input stood. The one before is of no more use.
    class stream : public std::istream {
    public:
        explicit stream(const input_file& file) : std::istream(nullptr), buffer_(file.fd_.get(), file.begin_) { rdbuf(&buffer_); }

    private:
        class buffer : public std::streambuf {
        public:
            buffer(int fd, off_t begin) : fd_(fd), at_(begin) {}

        protected:
            int_type underflow() override {
                const ssize_t count = ::pread(fd_, bytes_.data(), bytes_.size(), at_);
                if (count < 0) throw std::ios_base::failure(system_reason()); // the stream makes it bad()
                if (count == 0) return traits_type::eof();
                at_ += count;
                setg(bytes_.data(), bytes_.data(), bytes_.data() + count);
                return traits_type::to_int_type(*gptr());
            }

        private:
            int fd_;
            off_t at_;
            std::array<char, 65536> bytes_{};
        };
        buffer buffer_;
    };

private:
    [[noreturn]] void fail(std::string_view why) const {
        throw error(error_kind::input_missing, "cannot read " + printable(name_) + ": " + std::string(why));
    }

    /// What came before was read by somebody else, and the next one begins where we end.
    void take_rest() {
        begin_ = ::lseek(fd_.get(), 0, SEEK_CUR);
        if (begin_ < 0 || ::lseek(fd_.get(), 0, SEEK_END) < 0) fail(system_reason());
    }

    void keep(off_t most) {
        const char* const set = std::getenv("TMPDIR");
        std::string name = std::string(set != nullptr && *set == '/' ? set : "/tmp") + "/vmail-XXXXXX";
        descriptor copy(::mkostemp(name.data(), O_CLOEXEC));
        if (!copy) fail("there is no room for a copy in " + printable(name) + ": " + system_reason());
        ::unlink(name.c_str());
        std::array<char, 65536> bytes{};
        off_t kept = 0;
        while (kept <= most) {
            const ssize_t count = ::read(fd_.get(), bytes.data(), bytes.size());
            if (count == 0) break;
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) fail(system_reason());
            kept += count;
            write_all(copy.get(), std::string_view(bytes.data(), static_cast<std::size_t>(count)));
        }
        fd_ = std::move(copy);
    }

    void write_all(int fd, std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t count = ::write(fd, bytes.data(), bytes.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) fail("there is no room for a copy: " + system_reason());
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
    }

    std::string name_;
    descriptor fd_;
    off_t begin_ = 0;
};

} // namespace vmail::jobs
