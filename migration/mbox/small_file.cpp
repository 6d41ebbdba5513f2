#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "maildir.hpp"

namespace vmail::mbox::small_file {

namespace {

constexpr off_t largest = 1024 * 1024 * 1024;

[[noreturn]] void fail(const std::string& name, std::string_view verb) {
    const std::string reason = system_reason();
    throw unavailable(fmt::format("cannot {} {} in the Maildir: {}", verb, printable(name), reason));
}

void write_all(const descriptor& file, const std::string& name, std::string_view text) {
    while (!text.empty()) {
        const ssize_t done = ::write(file.get(), text.data(), text.size());
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) fail(name, "write");
        text.remove_prefix(static_cast<std::size_t>(done));
    }
}

/// Under a name that no reader of Maildirs looks at.
std::string write_beside(const descriptor& directory, const std::string& name, std::string_view text, safety s) {
    const std::string beside = name + ".mbox2maildir";
    ::unlinkat(directory.get(), beside.c_str(), 0); // of a run that was killed
    const descriptor file(::openat(directory.get(), beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file) fail(name, "write");
    write_all(file, name, text);
    if (s == safety::synced && ::fsync(file.get()) != 0) fail(name, "write");
    return beside;
}

} // namespace

std::optional<std::string> read(const descriptor& directory, const std::string& name) {
    const descriptor file(::openat(directory.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file && errno == ENOENT) return {};
    struct stat status {};
    const bool good = file && ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode) && status.st_size <= largest;
    if (!good) throw error(error_kind::configuration, fmt::format("cannot read {} in the Maildir: it is no file of a Maildir", printable(name)));
    std::string text(static_cast<std::size_t>(status.st_size), '\0');
    std::size_t have = 0;
    while (have < text.size()) {
        const ssize_t got = ::read(file.get(), text.data() + have, text.size() - have);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail(name, "read");
        if (got == 0) break;
        have += static_cast<std::size_t>(got);
    }
    text.resize(have);
    return text;
}

void write(const descriptor& directory, const std::string& name, std::string_view text, safety s) {
    const std::string beside = write_beside(directory, name, text, s);
    if (::renameat(directory.get(), beside.c_str(), directory.get(), name.c_str()) != 0) fail(name, "write");
    if (s == safety::synced) ::fsync(directory.get()); // a file system that cannot has nothing to lose there
}

bool write_new(const descriptor& directory, const std::string& name, std::string_view text) {
    const std::string beside = write_beside(directory, name, text, safety::none);
    const bool done = ::linkat(directory.get(), beside.c_str(), directory.get(), name.c_str(), 0) == 0;
    if (!done && errno != EEXIST) fail(name, "write");
    ::unlinkat(directory.get(), beside.c_str(), 0);
    return done;
}

bool append(const descriptor& directory, const std::string& name, std::string_view text) {
    const descriptor file(::openat(directory.get(), name.c_str(), O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file && errno == ENOENT) return false;
    if (!file) fail(name, "write");
    write_all(file, name, text);
    return true;
}

} // namespace vmail::mbox::small_file
