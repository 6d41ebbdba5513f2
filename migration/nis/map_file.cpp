#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/descriptor.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "gdbm_map.hpp"
#include "map_file.hpp"

namespace vmail::nis {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t block_size = 1024 * 1024;
constexpr std::size_t sample_size = 4096;

struct magic {
    std::string_view bytes;
    std::string_view what;
};

constexpr std::array magics = {
    magic{"\xFF\xFE"sv, "it is UTF-16; convert it with iconv -f utf-16 -t utf-8"},
    magic{"\xFE\xFF"sv, "it is UTF-16; convert it with iconv -f utf-16 -t utf-8"},
    magic{"\x1F\x8B"sv, "it is compressed by gzip; unpack it with gunzip"},
    magic{"\x1F\x9D"sv, "it is compressed by compress; unpack it with uncompress"},
    magic{"BZh"sv, "it is compressed by bzip2; unpack it with bunzip2"},
    magic{"\xFD"
          "7zXZ\0"sv,
          "it is compressed by xz; unpack it with unxz"},
    magic{"\x28\xB5\x2F\xFD"sv, "it is compressed by zstd; unpack it with unzstd"},
    magic{"PK\x03\x04"sv, "it is a zip archive; unpack it"},
    magic{"\x7F"
          "ELF"sv,
          "it is a program, not text"},
};

[[noreturn]] void refuse(const std::string& name, std::string_view why) {
    throw invalid_value(fmt::format("cannot read {}: {}", printable(name), why));
}

// Of Berkeley DB at byte 12, in either byte order (hash, btree); of LMDB at byte 16.
constexpr std::array berkeley_magics = {"\x61\x15\x06\x00"sv, "\x00\x06\x15\x61"sv, "\x62\x31\x05\x00"sv, "\x00\x05\x31\x62"sv};
constexpr std::string_view lmdb_magic = "\xDE\xC0\xEF\xBE";

bool is_mail_database(std::string_view bytes) {
    const auto has = [bytes](std::size_t at, std::string_view magic) { return bytes.size() > at && bytes.substr(at).starts_with(magic); };
    return has(16, lmdb_magic) ||
           std::any_of(berkeley_magics.begin(), berkeley_magics.end(), [&has](std::string_view m) { return has(12, m) || has(0, m); });
}

[[noreturn]] void refuse_mail_database(const std::string& name) {
    throw error(error_kind::invalid_value, fmt::format("cannot read {}: it is a database that postalias or newaliases made", printable(name)),
                {.hint = "give the text that it was made of, or what postalias -s (Postfix) or makemap -u (Sendmail) prints"});
}

[[noreturn]] void fail_to_read(const std::string& name, int code) {
    throw error(error_kind::input_missing, fmt::format("cannot read {}: {}", printable(name), std::strerror(code)));
}

page_vector<char> read_all(int fd, const std::string& name, std::size_t expected) {
    page_vector<char> bytes;
    std::size_t used = 0;
    // One byte more than the size tells the end of the file without another round.
    bytes.resize(expected + 1);
    while (true) {
        if (used == bytes.size()) bytes.resize(bytes.size() * 2 + block_size);
        const ssize_t got = ::read(fd, bytes.data() + used, bytes.size() - used);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail_to_read(name, errno);
        if (got == 0) break;
        used += static_cast<std::size_t>(got);
    }
    bytes.resize(used);
    return bytes;
}

std::string first_bytes(int fd) {
    std::string bytes(4, '\0');
    const ssize_t got = ::pread(fd, bytes.data(), bytes.size(), 0);
    bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return bytes;
}

/// Control bytes that no text has. A file of one line with a stray NUL is not binary for that.
bool looks_binary(std::string_view bytes) {
    const std::string_view sample = bytes.substr(0, sample_size);
    const auto controls = static_cast<std::size_t>(std::count_if(sample.begin(), sample.end(), [](char c) {
        return (c >= 0 && c < ' ' && "\t\r\n\f\v\x1B"sv.find(c) == std::string_view::npos) || c == '\x7F';
    }));
    return sample.size() >= 256 ? controls * 20 > sample.size() : controls * 3 > sample.size();
}

bool has_only_cr(std::string_view bytes) {
    const std::size_t cr = bytes.find('\r');
    return cr != std::string_view::npos && cr + 1 < bytes.size() && bytes.find('\n') == std::string_view::npos;
}

void check_is_text(const std::string& name, std::string_view bytes) {
    for (const magic& m : magics)
        if (bytes.starts_with(m.bytes)) refuse(name, m.what);
    if (is_gdbm(bytes)) refuse(name, "it is a gdbm map file, which can be read from a file only, not through a pipe");
    if (is_mail_database(bytes)) refuse_mail_database(name);
    if (looks_binary(bytes)) refuse(name, "it is binary, not text");
    if (has_only_cr(bytes)) refuse(name, "its lines end in a bare CR; convert it with tr '\\r' '\\n'");
}

page_vector<std::string_view> split_lines(std::string_view bytes) {
    page_vector<std::string_view> lines;
    lines.reserve(static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '\n')) + 1);
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        std::string_view line = bytes.substr(0, end);
        // Two of them where a file went through two conversions.
        while (line.ends_with('\r')) line.remove_suffix(1);
        lines.push_back(line);
        if (end == std::string_view::npos) break;
        bytes.remove_prefix(end + 1);
    }
    return lines;
}

} // namespace

map_file::map_file(std::string name, page_vector<char> bytes) : name_(std::move(name)), bytes_(std::move(bytes)) {
    std::string_view text(bytes_.data(), bytes_.size());
    check_is_text(name_, text);
    had_byte_order_mark_ = text.starts_with(byte_order_mark);
    if (had_byte_order_mark_) text.remove_prefix(byte_order_mark.size());
    has_nul_ = text.find('\0') != std::string_view::npos;
    lines_ = split_lines(text);
}

map_file::map_file(std::string name, gdbm_map records)
    : name_(std::move(name)), bytes_(std::move(records.bytes)), lines_(std::move(records.lines)), is_database_(true) {}

map_file map_file::from_bytes(std::string name, std::string bytes) { return {std::move(name), page_vector<char>(bytes.begin(), bytes.end())}; }

map_file map_file::read(const std::string& path) {
    const descriptor fd(path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (fd.get() < 0) fail_to_read(path, errno);
    return read(fd.get(), path);
}

map_file map_file::read(int fd, const std::string& name) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) fail_to_read(name, errno);
    const bool regular = S_ISREG(status.st_mode);
    const std::size_t size = regular ? static_cast<std::size_t>(status.st_size) : block_size;
    map_file map =
        regular && is_gdbm(first_bytes(fd)) ? map_file(name, read_gdbm(fd, name, size)) : map_file(name, read_all(fd, name, size));
    if (regular) map.changed_ = timestamp::from_epoch(status.st_mtim.tv_sec);
    return map;
}

} // namespace vmail::nis
