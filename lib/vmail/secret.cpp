#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/descriptor.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/secret.hpp>

namespace vmail {

namespace {

constexpr std::size_t max_line = 4096;

/// Up to the capacity, so that what a short string left in its inner buffer goes too.
void wipe(std::string& bytes) noexcept {
    bytes.resize(bytes.capacity()); // does not reallocate
    explicit_bzero(bytes.data(), bytes.size());
    bytes.clear();
}

class line_buffer {
public:
    line_buffer() = default;
    line_buffer(const line_buffer&) = delete;
    line_buffer& operator=(const line_buffer&) = delete;
    ~line_buffer() { explicit_bzero(bytes_.data(), bytes_.size()); }

    bool full() const noexcept { return size_ == bytes_.size(); }
    void append(char c) noexcept { bytes_[size_++] = c; }
    std::string_view text() const noexcept {
        std::string_view line(bytes_.data(), size_);
        if (line.ends_with('\r')) line.remove_suffix(1);
        return line;
    }

private:
    std::array<char, max_line> bytes_{};
    std::size_t size_ = 0;
};

/// One byte, or false at the end.
bool read_byte(int fd, char& byte, const std::string& source) {
    for (;;) {
        const ssize_t count = ::read(fd, &byte, 1);
        if (count >= 0) return count == 1;
        if (errno != EINTR) throw error(error_kind::configuration, fmt::format("cannot read {}: {}", source, std::strerror(errno)));
    }
}

/// Byte by byte: on a pipe the next line belongs to whoever reads next.
secret read_line(int fd, const std::string& source) {
    line_buffer line;
    for (char byte = 0; read_byte(fd, byte, source) && byte != '\n';) {
        if (line.full()) throw invalid_value(fmt::format("the first line of {} is longer than {} bytes", source, max_line));
        line.append(byte);
    }
    if (line.text().empty()) throw invalid_value(fmt::format("the first line of {} is empty", source));
    if (line.text().find('\0') != std::string_view::npos) throw invalid_value(fmt::format("the first line of {} has a NUL byte", source));
    return secret(line.text());
}

[[noreturn]] void refuse_to_open(int reason, const std::string& source) {
    const bool missing = reason == ENOENT || reason == ENOTDIR;
    throw error(missing ? error_kind::input_missing : error_kind::configuration, fmt::format("cannot open {}: {}", source, std::strerror(reason)));
}

[[noreturn]] void refuse_file(const std::string& sentence, std::string hint) {
    error_details details;
    details.hint = std::move(hint);
    throw error(error_kind::configuration, sentence, std::move(details));
}

/// Of the file that is open, whatever its name leads to by now.
void check_kept_to_us(int fd, const std::string& source, const std::string& path) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) refuse_to_open(errno, source);
    if (!S_ISREG(status.st_mode)) refuse_file(fmt::format("{} is not a regular file", source), {});
    if (status.st_uid != 0 && status.st_uid != ::geteuid())
        refuse_file(fmt::format("{} belongs to another user", source), fmt::format("chown root {}", path));
    if ((status.st_mode & 077U) != 0) refuse_file(fmt::format("{} is open to its group or to others", source), fmt::format("chmod 600 {}", path));
}

} // namespace

secret::secret(std::string_view bytes) : bytes_(bytes) {}

secret::secret(secret&& other) noexcept : bytes_(std::move(other.bytes_)) { wipe(other.bytes_); }

secret& secret::operator=(secret&& other) noexcept {
    if (this == &other) return *this;
    wipe(bytes_);
    bytes_ = std::move(other.bytes_);
    wipe(other.bytes_);
    return *this;
}

secret::~secret() { wipe(bytes_); }

bool secret::equals(const secret& other) const noexcept {
    if (bytes_.size() != other.bytes_.size()) return false;
    volatile unsigned char difference = 0;
    for (std::size_t i = 0; i < bytes_.size(); ++i)
        difference = static_cast<unsigned char>(difference | static_cast<unsigned char>(bytes_[i] ^ other.bytes_[i]));
    return difference == 0;
}

secret read_secret_file(const std::filesystem::path& path) {
    const std::string source = "the password file " + vmail::quoted(path.native());
    // Not to be held up by a FIFO, nor to be given a terminal.
    const descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (file.get() < 0) refuse_to_open(errno, source);
    check_kept_to_us(file.get(), source, printable(path.native()));
    return read_line(file.get(), source);
}

secret read_secret_descriptor(int fd) { return read_line(fd, fd == STDIN_FILENO ? "standard input" : fmt::format("descriptor {}", fd)); }

} // namespace vmail
