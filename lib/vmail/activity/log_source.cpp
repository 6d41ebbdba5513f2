#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/descriptor.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>
#include <vmail/program.hpp>
#include <vmail/timestamp.hpp>

#include <vmail/activity/log_source.hpp>

namespace vmail::activity {

namespace {

constexpr std::size_t magic_size = 6;

std::size_t read_some(int fd, char* to, std::size_t room, const std::string& name) {
    for (;;) {
        const ssize_t count = ::read(fd, to, room);
        if (count >= 0) return static_cast<std::size_t>(count);
        if (errno != EINTR) throw unavailable(fmt::format("cannot read {}: {}", name, system_reason()));
    }
}

std::string beginning_of(int fd, const std::string& name) {
    std::array<char, magic_size> bytes{};
    std::size_t size = 0;
    while (size < bytes.size()) {
        const std::size_t count = read_some(fd, bytes.data() + size, bytes.size() - size, name);
        if (count == 0) break;
        size += count;
    }
    return {bytes.data(), size};
}

bool is_compressed(std::string_view beginning) {
    using namespace std::string_view_literals;
    for (const auto magic : {"\x1f\x8b"sv, "\x28\xb5\x2f\xfd"sv, "\xfd" "7zXZ\0"sv, "BZh"sv})
        if (beginning.starts_with(magic)) return true;
    return false;
}

/// What is known of a log before its bytes.
struct description {
    std::string name;
    std::int64_t written;
    bool is_complete;
};

/// A descriptor of which some bytes were read already.
class bytes_of_descriptor {
public:
    bytes_of_descriptor(int fd, std::string beginning) : fd_(fd), beginning_(std::move(beginning)) {}

    std::size_t read(char* to, std::size_t room, const std::string& name) {
        if (beginning_.empty()) return read_some(fd_, to, room, name);
        const std::size_t count = beginning_.copy(to, room);
        beginning_.erase(0, count);
        return count;
    }

    bool seek(std::uint64_t at) {
        struct stat seen{};
        if (::fstat(fd_, &seen) != 0 || !S_ISREG(seen.st_mode) || at > static_cast<std::uint64_t>(seen.st_size)) return false;
        if (::lseek(fd_, static_cast<off_t>(at), SEEK_SET) < 0) return false;
        beginning_.clear();
        return true;
    }

private:
    int fd_;
    std::string beginning_;
};

class plain_source : public log_source {
public:
    plain_source(description what, bytes_of_descriptor bytes, descriptor own) : log_source(what.name, what.written, what.is_complete), own_(std::move(own)), bytes_(std::move(bytes)) {}

    std::size_t read(char* to, std::size_t room) override { return bytes_.read(to, room, name()); }
    bool seek(std::uint64_t at) override { return bytes_.seek(at); }

private:
    descriptor own_;
    bytes_of_descriptor bytes_;
};

struct free_archive {
    void operator()(struct archive* a) const noexcept { ::archive_read_free(a); }
};

class compressed_source : public log_source {
public:
    compressed_source(description what, bytes_of_descriptor bytes, descriptor own) : log_source(what.name, what.written, true), own_(std::move(own)), bytes_(std::move(bytes)) { open(); }

    std::size_t read(char* to, std::size_t room) override {
        if (is_empty_) return 0;
        const auto count = ::archive_read_data(archive_.get(), to, room);
        if (count < 0) fail();
        return static_cast<std::size_t>(count);
    }

    bool seek(std::uint64_t at) override {
        if (at != 0 || !bytes_.seek(0)) return false;
        open();
        return true;
    }

private:
    void open() {
        archive_.reset(::archive_read_new());
        if (!archive_) throw std::bad_alloc();
        auto* const a = archive_.get();
        for (const auto support : {::archive_read_support_filter_gzip, ::archive_read_support_filter_zstd, ::archive_read_support_filter_xz, ::archive_read_support_filter_bzip2,
                                   ::archive_read_support_format_raw, ::archive_read_support_format_empty})
            require(support(a));
        require(::archive_read_open(a, this, nullptr, read_compressed, nullptr));
        struct archive_entry* e = nullptr;
        const int status = ::archive_read_next_header(a, &e);
        is_empty_ = status == ARCHIVE_EOF;
        if (!is_empty_) require(status);
    }

    /// What is thrown must not pass through libarchive.
    static la_ssize_t read_compressed(struct archive* a, void* self, const void** bytes) {
        auto& own = *static_cast<compressed_source*>(self);
        try {
            *bytes = own.block_.data();
            return static_cast<la_ssize_t>(own.bytes_.read(own.block_.data(), own.block_.size(), own.name()));
        } catch (const error& e) {
            ::archive_set_error(a, EIO, "%s", e.what());
            return ARCHIVE_FATAL;
        }
    }

    void require(int status) const {
        if (status < ARCHIVE_WARN) fail();
    }
    [[noreturn]] void fail() const {
        const char* const why = ::archive_error_string(archive_.get());
        throw invalid_value(fmt::format("{} is damaged where it is compressed: {}", name(), why != nullptr ? printable(why) : "no reason is given"));
    }

    descriptor own_;
    bytes_of_descriptor bytes_;
    std::unique_ptr<struct archive, free_archive> archive_{};
    bool is_empty_ = false;
    std::array<char, 65536> block_{};
};

std::unique_ptr<log_source> source_of(int fd, description what, descriptor own) {
    std::string beginning = beginning_of(fd, what.name);
    const bool is_packed = is_compressed(beginning);
    bytes_of_descriptor bytes(fd, std::move(beginning));
    if (is_packed) return std::make_unique<compressed_source>(std::move(what), std::move(bytes), std::move(own));
    return std::make_unique<plain_source>(std::move(what), std::move(bytes), std::move(own));
}

/// "mail.log.1", "mail.log-20261129": logrotate will not write to it.
bool is_rotated(const std::string& name) {
    const auto digits = name.find_last_not_of("0123456789");
    return digits != std::string::npos && digits + 1 < name.size() && (name[digits] == '.' || name[digits] == '-');
}

[[noreturn]] void cannot_open(const std::string& name) { throw error(error_kind::input_missing, fmt::format("cannot read {}: {}", name, system_reason())); }

class journal_source : public log_source {
public:
    journal_source(descriptor from, descriptor to, std::vector<std::string> arguments)
        : log_source("the journal", timestamp::now().epoch(), false), from_(std::move(from)), program_(std::move(arguments), {{to.get(), STDOUT_FILENO}}, running_program::group::own) {}

    std::size_t read(char* to, std::size_t room) override {
        const std::size_t count = read_some(from_.get(), to, room, name());
        if (count > 0 || is_over_) return count;
        is_over_ = true;
        const int status = program_.end();
        if (status != 0) throw unavailable(fmt::format("journalctl ended with {}", status));
        return 0;
    }

private:
    descriptor from_;
    running_program program_;
    bool is_over_ = false;
};

class text_source : public log_source {
public:
    text_source(std::string text, std::int64_t written) : log_source("a text", written, false), text_(std::move(text)) {}

    std::size_t read(char* to, std::size_t room) override {
        const std::size_t count = text_.copy(to, room, at_);
        at_ += count;
        return count;
    }

private:
    std::string text_;
    std::size_t at_ = 0;
};

} // namespace

std::unique_ptr<log_source> open_log(const std::filesystem::path& file) {
    const std::string name = printable(file.native());
    descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    struct stat seen{};
    if (!fd || ::fstat(fd.get(), &seen) != 0) cannot_open(name);
    if (S_ISDIR(seen.st_mode)) throw error(error_kind::input_missing, fmt::format("cannot read {}: it is a folder", name));
    constexpr std::int64_t still_written = 3600;
    const bool is_complete = is_rotated(file.native()) && seen.st_mtime + still_written < timestamp::now().epoch();
    const std::int64_t written = S_ISREG(seen.st_mode) ? seen.st_mtime : timestamp::now().epoch();
    const int number = fd.get();
    return source_of(number, {name, written, is_complete}, std::move(fd));
}

std::unique_ptr<log_source> open_log(int fd, const std::string& name) { return source_of(fd, {printable(name), timestamp::now().epoch(), false}, descriptor()); }

std::unique_ptr<log_source> open_journal(const std::string& cursor) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw unavailable(fmt::format("cannot make a pipe: {}", system_reason()));
    descriptor from(ends[0]);
    descriptor to(ends[1]);
    std::vector<std::string> arguments = {"journalctl", "-q", "-a", "-o", "json", "SYSLOG_FACILITY=2"}; // with -a also what is long
    if (!cursor.empty()) arguments.insert(arguments.end(), {"-c", cursor});
    return std::make_unique<journal_source>(std::move(from), std::move(to), std::move(arguments));
}

std::unique_ptr<log_source> log_of_text(std::string text, std::int64_t written) { return std::make_unique<text_source>(std::move(text), written); }

std::vector<std::filesystem::path> oldest_first(std::vector<std::filesystem::path> files) {
    const auto written = [](const std::filesystem::path& file) {
        struct stat seen{};
        return ::stat(file.c_str(), &seen) == 0 ? std::pair(seen.st_mtim.tv_sec, seen.st_mtim.tv_nsec) : std::pair(INT64_MAX, std::int64_t{0});
    };
    std::vector<std::pair<std::pair<std::int64_t, std::int64_t>, std::filesystem::path>> by_time;
    for (auto& file : files) by_time.emplace_back(written(file), std::move(file));
    std::stable_sort(by_time.begin(), by_time.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    files.clear();
    for (auto& file : by_time) files.push_back(std::move(file.second));
    return files;
}

} // namespace vmail::activity
