#include <cerrno>
#include <ctime>
#include <memory>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "file_name.hpp"
#include "maildir.hpp"
#include "mbox_lock.hpp"

namespace vmail::mbox {

namespace {

constexpr int directory_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
// Dovecot takes one that has not changed for two minutes for a forgotten one.
constexpr std::time_t uidlist_lock_forgotten_after = 120;
constexpr const char* uidlist_lock_name = "dovecot-uidlist.lock";

[[noreturn]] void fail(std::string_view what, std::string_view name) {
    const std::string reason = system_reason();
    throw unavailable(fmt::format("cannot {} {}: {}", what, printable(name), reason));
}

void check_owner(const descriptor& directory, const std::string& name, const account& owner) {
    struct stat status {};
    if (::fstat(directory.get(), &status) != 0) fail("open", name);
    if (status.st_uid != owner.uid)
        throw denied(fmt::format("will not write into {}: it belongs to user {}, not to user {}", printable(name), status.st_uid, owner.uid),
                     {.hint = "root gives the files to somebody with --owner"});
}

std::optional<descriptor> open_directory(const descriptor& parent, const std::string& name, const account& owner) {
    descriptor directory(::openat(parent.get(), name.c_str(), directory_flags));
    if (!directory && errno == ENOENT) return {};
    if (!directory && (errno == ELOOP || errno == ENOTDIR)) throw denied(fmt::format("will not write into {}: it is no directory", printable(name)));
    if (!directory) fail("open", name);
    check_owner(directory, name, owner);
    return directory;
}

descriptor make_directory(const descriptor& parent, const std::string& name, const account& owner) {
    if (auto there = open_directory(parent, name, owner)) return std::move(*there);
    if (::mkdirat(parent.get(), name.c_str(), 0700) != 0 && errno != EEXIST) fail("make", name);
    if (auto made = open_directory(parent, name, owner)) return std::move(*made);
    fail("make", name);
}

template <typename Visit>
void each_file(const descriptor& directory, Visit visit) {
    const int fd = ::openat(directory.get(), ".", directory_flags);
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(fd < 0 ? nullptr : ::fdopendir(fd), &::closedir);
    if (!stream) fail("list", "the Maildir");
    while (const dirent* const entry = ::readdir(stream.get()))
        if (entry->d_name[0] != '.') visit(std::string_view(entry->d_name));
}

bool is_empty(const descriptor& directory) {
    const int fd = ::openat(directory.get(), ".", directory_flags);
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(fd < 0 ? nullptr : ::fdopendir(fd), &::closedir);
    if (!stream) fail("list", "the Maildir");
    while (const dirent* const entry = ::readdir(stream.get()))
        if (const std::string_view name = entry->d_name; name != "." && name != "..") return false;
    return true;
}

/// One of them is enough: a run that was broken off may have made no more.
bool has_part_of_maildir(const descriptor& directory) {
    struct stat status {};
    for (const char* const part : {"cur", "new", "tmp"})
        if (::fstatat(directory.get(), part, &status, AT_SYMLINK_NOFOLLOW) == 0) return true;
    return false;
}

/// Whether it worked; errno says why not.
bool write_message(const descriptor& file, std::string_view text, timestamp delivered) {
    while (!text.empty()) {
        const ssize_t done = ::write(file.get(), text.data(), text.size());
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(done));
    }
    const timespec when{static_cast<std::time_t>(delivered.epoch()), 0};
    const timespec times[2] = {when, when};
    return ::futimens(file.get(), times) == 0;
}

} // namespace

std::optional<maildir_folder> maildir_folder::open(const descriptor& maildir, const std::string& directory, const account& owner) {
    auto self = open_directory(maildir, directory.empty() ? "." : directory, owner);
    if (!self) return {};
    auto cur = open_directory(*self, "cur", owner);
    auto fresh = open_directory(*self, "new", owner);
    auto tmp = open_directory(*self, "tmp", owner);
    if (!cur || !fresh || !tmp) return {};
    maildir_folder folder;
    folder.self_ = std::move(*self);
    folder.cur_ = std::move(*cur);
    folder.new_ = std::move(*fresh);
    folder.tmp_ = std::move(*tmp);
    return folder;
}

maildir_folder maildir_folder::create(const descriptor& maildir, const std::string& directory, const account& owner) {
    maildir_folder folder;
    folder.self_ = make_directory(maildir, directory.empty() ? "." : directory, owner);
    // cur last: by it readers tell that this is a folder.
    folder.tmp_ = make_directory(folder.self_, "tmp", owner);
    folder.new_ = make_directory(folder.self_, "new", owner);
    folder.cur_ = make_directory(folder.self_, "cur", owner);
    // What tells a folder from a Maildir of its own to delivery agents (Maildir++).
    if (!directory.empty()) small_file::write_new(folder.self_, "maildirfolder", "");
    return folder;
}

maildir_folder::file_table maildir_folder::list_own() const {
    file_table files;
    const auto note = [&](const char* place) {
        return [&files, place](std::string_view file) {
            if (const auto key = key_in(file)) files.emplace(*key, std::string(place) + std::string(file));
        };
    };
    each_file(cur_, note("cur/"));
    each_file(new_, note("new/"));
    return files;
}

std::pair<std::uint64_t, std::uint64_t> maildir_folder::usage() const {
    std::uint64_t bytes = 0, count = 0;
    for (const descriptor* place : {&cur_, &new_})
        each_file(*place, [&](std::string_view file) {
            ++count;
            struct stat status {};
            if (const auto size = size_in(file))
                bytes += *size;
            else if (::fstatat(place->get(), std::string(file).c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0)
                bytes += static_cast<std::uint64_t>(status.st_size);
        });
    return {bytes, count};
}

std::optional<std::string> maildir_folder::read_whole(const std::string& path) const {
    struct stat status {};
    const std::string file = path.substr(4);
    if (::fstatat(place_of(path).get(), file.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode)) return {};
    if (size_in(file) != static_cast<std::uint64_t>(status.st_size)) return {};
    return small_file::read(place_of(path), file);
}

void maildir_folder::store(const std::string& name, std::string_view text, timestamp delivered) const {
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    descriptor file(::openat(tmp_.get(), name.c_str(), flags, 0600));
    if (!file && errno == EEXIST) { // of a run that was killed
        ::unlinkat(tmp_.get(), name.c_str(), 0);
        file = descriptor(::openat(tmp_.get(), name.c_str(), flags, 0600));
    }
    if (!file) fail("write", name);
    if (write_message(file, text, delivered)) return;
    const int code = errno;
    discard(name);
    errno = code;
    fail("write", name);
}

void maildir_folder::publish(const std::string& name, const std::string& to) const {
    if (::renameat(tmp_.get(), name.c_str(), place_of(to).get(), to.c_str() + 4) != 0) fail("write", name);
}

void maildir_folder::discard(const std::string& name) const noexcept { ::unlinkat(tmp_.get(), name.c_str(), 0); }

void maildir_folder::remove(const std::string& path) const {
    if (::unlinkat(place_of(path).get(), path.c_str() + 4, 0) != 0 && errno != ENOENT) fail("remove", path);
}

uidlist_lock::uidlist_lock(const maildir_folder& folder, std::chrono::seconds timeout, const std::atomic<bool>* stop) : folder_(folder) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (true) {
        if (make_lock_file(folder_.directory(), uidlist_lock_name, 0600)) return;
        if (errno != EEXIST) fail("make", uidlist_lock_name);
        struct stat status {};
        if (is_left_over(folder_.directory(), uidlist_lock_name) ||
            (::fstatat(folder_.directory().get(), uidlist_lock_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
             std::time(nullptr) - status.st_mtime > uidlist_lock_forgotten_after)) {
            ::unlinkat(folder_.directory().get(), uidlist_lock_name, 0);
            continue;
        }
        if (std::chrono::steady_clock::now() >= deadline)
            throw conflict(fmt::format("{} is held by a mail server", uidlist_lock_name), {.hint = "try again when nobody uses the Maildir"});
        wait_for_lock(stop);
    }
}

uidlist_lock::~uidlist_lock() { ::unlinkat(folder_.directory().get(), uidlist_lock_name, 0); }

void require_maildir_or_room(const std::string& path, const account& owner) {
    const auto directory = open_maildir(path, owner, false);
    if (!directory) return;
    const acting_as him(owner);
    if (has_part_of_maildir(*directory) || is_empty(*directory)) return;
    throw error(error_kind::configuration, fmt::format("{} is no Maildir: it is not empty, and has no cur, new and tmp", printable(path)),
                {.hint = "the last name is the Maildir; where this one shall become one, make cur, new and tmp in it"});
}

std::optional<descriptor> open_maildir(const std::string& path, const account& owner, bool make) {
    const auto open = [&]() -> std::optional<descriptor> {
        const acting_as him(owner);
        descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (directory) return directory;
        if (errno != ENOENT) throw error(error_kind::configuration, fmt::format("cannot open {}: {}", printable(path), system_reason()));
        if (!make) return {};
        if (::mkdir(path.c_str(), 0700) == 0) return descriptor(::open(path.c_str(), directory_flags));
        return {};
    };
    const auto refuse = [&] { throw error(error_kind::configuration, fmt::format("cannot make {}: {}", printable(path), system_reason())); };
    auto directory = open();
    if (!directory && make) {
        // The owner may not write there, so that he cannot put anything else in its place either.
        if (::geteuid() != 0 || owner == account::own() || errno != EACCES || ::mkdir(path.c_str(), 0700) != 0) refuse();
        directory = descriptor(::open(path.c_str(), directory_flags));
        if (!*directory || ::fchown(directory->get(), owner.uid, owner.gid) != 0) refuse();
    }
    if (directory && !*directory) refuse();
    if (directory) check_owner(*directory, path, owner);
    return directory;
}

void lock_maildir(const descriptor& maildir, const std::string& path, std::chrono::seconds timeout, const std::atomic<bool>* stop) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (::flock(maildir.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) fail("lock", path);
        if (std::chrono::steady_clock::now() >= deadline)
            throw conflict(fmt::format("another mbox2maildir writes into {}", printable(path)), {.hint = "wait until it ends"});
        wait_for_lock(stop);
    }
}

void sync_all(const descriptor& maildir) {
    if (::syncfs(maildir.get()) != 0) fail("sync", "the Maildir");
}

} // namespace vmail::mbox
