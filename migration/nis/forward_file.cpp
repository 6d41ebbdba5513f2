#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/ascii.hpp>
#include <vmail/descriptor.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "fields.hpp"
#include "forward_file.hpp"
#include "old_root.hpp"

namespace vmail::nis {

namespace {

constexpr std::size_t largest = 1024 * 1024;
// Non-blocking, or a pipe that somebody left there would hold up the run.
constexpr int open_flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

/// Postfix looks at the file itself and heeds no symbolic link; Sendmail follows it.
int link_flag(dialect d) { return d == dialect::postfix ? O_NOFOLLOW : 0; }

forward_file make_problem(std::string path, forward_file::state what, std::string reason) { return {std::move(path), what, std::move(reason), {}}; }

forward_file failed(std::string path, int code) {
    // O_NOFOLLOW says so of a link at the end.
    if (code == ELOOP) return make_problem(std::move(path), forward_file::state::ignored, "it is a symbolic link");
    return make_problem(std::move(path), forward_file::state::unreadable, std::strerror(code));
}

/// Why a daemon would not heed it; empty when it would. Who made a copy of the homes owns the files of all: then the owner says nothing.
std::string why_ignored(const struct stat& status, const account& a, dialect d) {
    const auto owner = status.st_uid;
    if (owner != a.uid && owner != 0 && owner != ::geteuid()) return fmt::format("its owner is uid {}, not {}", owner, a.uid);
    if ((status.st_mode & S_IWOTH) != 0) return "everybody may write to it";
    if (d == dialect::sendmail && (status.st_mode & S_IWGRP) != 0) return "its group may write to it";
    return {};
}

/// The bytes, or the error number.
std::pair<std::string, int> read_bytes(int fd, std::size_t expected) {
    std::string bytes(expected + 1, '\0');
    std::size_t used = 0;
    while (used < bytes.size()) {
        const ssize_t got = ::read(fd, bytes.data() + used, bytes.size() - used);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return {{}, errno};
        if (got == 0) break;
        used += static_cast<std::size_t>(got);
    }
    // What somebody adds meanwhile is too late.
    bytes.resize(used);
    return {std::move(bytes), 0};
}

/// Exim takes a file with such a first line for a program of its own, or of Sieve (RFC 5228).
bool is_filter(std::string_view text) {
    if (!text.starts_with('#')) return false;
    text.remove_prefix(1);
    const std::string_view words = trim(text.substr(0, text.find('\n')));
    const std::string_view language = words.substr(0, words.find_first_of(" \t"));
    const bool is_known = ascii::iequals(language, "Exim") || ascii::iequals(language, "Sieve");
    return is_known && ascii::istarts_with(trim(words.substr(language.size())), "filter");
}

forward_file read_open(int fd, std::string path, const account& a, dialect d) {
    using state = forward_file::state;
    struct stat status {};
    if (::fstat(fd, &status) != 0) return failed(std::move(path), errno);
    if (!S_ISREG(status.st_mode)) return make_problem(std::move(path), state::ignored, "it is no regular file");
    if (static_cast<std::size_t>(status.st_size) > largest) return make_problem(std::move(path), state::unreadable, "it is larger than 1 MB");
    auto [bytes, code] = read_bytes(fd, static_cast<std::size_t>(status.st_size));
    if (code != 0) return failed(std::move(path), code);
    if (is_filter(bytes)) return make_problem(std::move(path), state::unreadable, "it is a filter, and no list of addresses");
    try {
        forward_file file{path, state::good, why_ignored(status, a, d), map_file::from_bytes(path, std::move(bytes))};
        if (!file.reason.empty()) file.what = state::ignored;
        return file;
    } catch (const invalid_value& e) {
        return make_problem(std::move(path), state::unreadable, e.what());
    }
}

} // namespace

forward_tree::forward_tree(std::string root, nis::dialect d)
    : root_(std::move(root)), dialect_(d), fd_(::open(root_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
    if (fd_ < 0) throw error(error_kind::input_missing, fmt::format("cannot open {}: {}", printable(root_), std::strerror(errno)));
    while (root_.size() > 1 && root_.ends_with('/')) root_.pop_back();
}

forward_tree::~forward_tree() { ::close(fd_); }

std::optional<forward_file> forward_tree::find(const account& a) const {
    if (!a.home.empty())
        if (auto file = read(a, a.home)) return file;
    return read(a, a.login);
}

std::optional<forward_file> forward_tree::read(const account& a, std::string_view folder) const {
    while (folder.starts_with('/')) folder.remove_prefix(1);
    while (folder.ends_with('/')) folder.remove_suffix(1);
    const std::string relative = folder.empty() ? ".forward" : fmt::format("{}/.forward", folder);
    const descriptor fd(open_in_root(fd_, relative, link_flag(dialect_)));
    const int code = errno;
    std::string path = fmt::format("{}/{}", root_ == "/" ? "" : root_, relative);
    if (fd.get() >= 0) return read_open(fd.get(), std::move(path), a, dialect_);
    if (code == ENOENT || code == ENOTDIR || code == ENAMETOOLONG) return {};
    return failed(std::move(path), code);
}

forward_file read_forward_file(const std::string& path, const account& a, nis::dialect d) {
    const descriptor fd(::open(path.c_str(), open_flags | link_flag(d)));
    if (fd.get() < 0) return failed(path, errno);
    return read_open(fd.get(), path, a, d);
}

} // namespace vmail::nis
