#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/descriptor.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <vmail/maildir.hpp>

namespace vmail::maildir {

namespace {

constexpr std::size_t longest_size_file = 1 << 20; // Dovecot and Courier write it anew at 5 KiB

[[noreturn]] void cannot_read(std::string_view name) { throw unavailable(fmt::format("cannot read {}: {}", printable(name), system_reason())); }

bool is_absent() noexcept { return errno == ENOENT || errno == ENOTDIR || errno == ELOOP; }

/// A folder within it. Not there, or no folder itself: an empty descriptor.
descriptor open_folder(int parent, const std::string& name) {
    descriptor found(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!found && !is_absent()) cannot_read(name);
    return found;
}

struct close_stream {
    void operator()(DIR* d) const noexcept { ::closedir(d); }
};
using stream = std::unique_ptr<DIR, close_stream>;

stream open_stream(descriptor folder) {
    stream opened(::fdopendir(folder.get()));
    if (!opened) cannot_read("a folder");
    folder.release();
    return opened;
}

/// Hands over the names in a folder, until the visitor has enough.
void each_name(descriptor folder, const std::function<bool(int, const std::string&)>& visit) {
    const stream names = open_stream(std::move(folder));
    for (errno = 0; const dirent* const one = ::readdir(names.get()); errno = 0)
        if (!visit(::dirfd(names.get()), one->d_name)) return;
    if (errno != 0) cannot_read("a folder");
}

/// As Dovecot reads it: what follows the number is the end, another part, or the flags.
std::optional<std::uint64_t> size_in_name(std::string_view name) {
    constexpr std::string_view mark = ",S=";
    const std::size_t at = name.find(mark);
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view digits = name.substr(at + mark.size());
    std::uint64_t size = 0;
    const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
    const bool ends_there = end == digits.data() + digits.size() || *end == ',' || *end == ':';
    return status == std::errc{} && ends_there ? std::optional(size) : std::nullopt;
}

/// Nothing: it is no message, or gone meanwhile.
std::optional<std::uint64_t> size_of_file(int folder, const std::string& name) {
    struct stat seen{};
    if (::fstatat(folder, name.c_str(), &seen, AT_SYMLINK_NOFOLLOW) != 0) {
        if (!is_absent()) cannot_read(name);
        return std::nullopt;
    }
    return S_ISREG(seen.st_mode) ? std::optional(static_cast<std::uint64_t>(seen.st_size)) : std::nullopt;
}

void add_messages(mail_size& sum, int folder, const char* part) {
    auto messages = open_folder(folder, part);
    if (!messages) return;
    each_name(std::move(messages), [&](int here, const std::string& name) {
        if (name.starts_with('.')) return true;
        auto size = size_in_name(name);
        if (!size) size = size_of_file(here, name);
        if (!size) return true;
        sum.bytes = add_saturating(sum.bytes, *size);
        ++sum.messages;
        return true;
    });
}

void add_folder(mail_size& sum, int folder) {
    add_messages(sum, folder, "cur");
    add_messages(sum, folder, "new");
}

bool is_empty(descriptor folder) {
    bool empty = true;
    each_name(std::move(folder), [&](int, const std::string& name) { return empty = name.starts_with('.'); });
    return empty;
}

} // namespace

bool is_one(int folder) { return static_cast<bool>(open_folder(folder, "cur")); }

std::optional<maildir_size> read_size_file(int folder) {
    const descriptor file(::openat(folder, "maildirsize", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!file && errno == ENOENT) return std::nullopt;
    struct stat seen{};
    if (!file || ::fstat(file.get(), &seen) != 0) cannot_read("maildirsize");
    if (!S_ISREG(seen.st_mode)) throw invalid_value("maildirsize is no file");
    const auto text = read_to_end(file.get(), longest_size_file + 1);
    if (!text) cannot_read("maildirsize");
    if (text->size() > longest_size_file) throw invalid_value("maildirsize is damaged: it has more than 1 MiB");
    return parse_maildir_size(*text);
}

mail_size measure(int folder) {
    mail_size sum;
    add_folder(sum, folder);
    each_name(open_folder(folder, "."), [&](int here, const std::string& name) {
        if (!name.starts_with('.') || name == "." || name == "..") return true;
        if (const auto inner = open_folder(here, name)) add_folder(sum, inner.get());
        return true;
    });
    return sum;
}

std::optional<timestamp> last_opened(int folder) {
    auto cur = open_folder(folder, "cur");
    if (!cur) return std::nullopt;
    struct statx seen{};
    if (::statx(cur.get(), "", AT_EMPTY_PATH, STATX_MTIME | STATX_BTIME, &seen) != 0) cannot_read("cur");
    // Nobody has put anything in, nor taken it away, since it was made.
    const bool is_as_made = (seen.stx_mask & STATX_BTIME) == 0 || seen.stx_btime.tv_sec == seen.stx_mtime.tv_sec;
    if (is_as_made && is_empty(std::move(cur))) return std::nullopt;
    return timestamp::from_epoch(seen.stx_mtime.tv_sec);
}

} // namespace vmail::maildir
