#include "archive_writer.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "archive_members.hpp"

namespace vmail::tools {

namespace member {

void add_to(mail_store::digest& all, char kind, std::string_view path, std::uint64_t size, std::int64_t seconds, long nanoseconds) {
    all.add(std::string_view(&kind, 1));
    all.add_field(path);
    all.add(fmt::format("{} {}.{} ", size, seconds, nanoseconds));
}

} // namespace member

namespace {

using mail_store::node;

struct free_archive {
    void operator()(struct archive* a) const noexcept { ::archive_write_free(a); }
};
struct free_entry {
    void operator()(struct archive_entry* e) const noexcept { ::archive_entry_free(e); }
};
using entry_ptr = std::unique_ptr<struct archive_entry, free_entry>;

class writer {
public:
    explicit writer(int out) : archive_(::archive_write_new()) {
        if (!archive_) throw std::bad_alloc();
        require(::archive_write_set_format_pax(archive_.get()));
        require(::archive_write_add_filter_zstd(archive_.get()));
        require(::archive_write_set_bytes_in_last_block(archive_.get(), 1));
        require(::archive_write_open_fd(archive_.get(), out));
    }

    void begin(const entry_ptr& e) { require(::archive_write_header(archive_.get(), e.get())); }
    void data(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto count = ::archive_write_data(archive_.get(), bytes.data(), bytes.size());
            if (count <= 0) fail();
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
    }
    void text(const char* name, const std::string& bytes) {
        const entry_ptr e(::archive_entry_new());
        ::archive_entry_set_pathname(e.get(), name);
        ::archive_entry_set_filetype(e.get(), AE_IFREG);
        ::archive_entry_set_perm(e.get(), 0600);
        ::archive_entry_set_size(e.get(), static_cast<la_int64_t>(bytes.size()));
        begin(e);
        data(bytes);
    }
    void close() { require(::archive_write_close(archive_.get())); }

private:
    void require(int status) {
        if (status < ARCHIVE_WARN) fail();
    }
    [[noreturn]] void fail() {
        const char* const why = ::archive_error_string(archive_.get());
        throw unavailable(fmt::format("cannot write the archive: {} ({})", why != nullptr ? printable(why) : "no reason is given", std::strerror(::archive_errno(archive_.get()))));
    }

    std::unique_ptr<struct archive, free_archive> archive_;
};

entry_ptr header_of(const node& n, const struct stat& seen) {
    entry_ptr e(::archive_entry_new());
    ::archive_entry_copy_stat(e.get(), &seen);
    ::archive_entry_set_pathname(e.get(), (std::string(member::mail) + '/' + n.path).c_str());
    ::archive_entry_set_nlink(e.get(), 1);
    return e;
}

bool same_times(const struct timespec& a, const struct timespec& b) { return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec; }

bool same_file(const struct stat& a, const struct stat& b) {
    return a.st_ino == b.st_ino && a.st_dev == b.st_dev && a.st_size == b.st_size && same_times(a.st_mtim, b.st_mtim) && same_times(a.st_ctim, b.st_ctim);
}

class mail_archiver {
public:
    mail_archiver(writer& to, archived& told) : to_(to), told_(told) {}

    void add(const node& n) {
        if (n.is_folder()) add_folder(n);
        else if (n.is_file()) add_file(n);
        else if (S_ISLNK(n.seen.st_mode)) add_link(n);
        told_.seen.add(n); // a socket or a pipe is counted alone
    }
    std::string digest() { return mail_store::hex_of(all_.take()); }

private:
    void note(char kind, const node& n, std::uint64_t size) { member::add_to(all_, kind, n.path, size, n.seen.st_mtim.tv_sec, n.seen.st_mtim.tv_nsec); }

    void add_folder(const node& n) {
        to_.begin(header_of(n, n.seen));
        note('d', n, 0);
    }

    void add_link(const node& n) {
        std::array<char, 4096> target{};
        if (::readlinkat(n.parent, n.name.c_str(), target.data(), target.size() - 1) < 0) changed(n);
        const auto e = header_of(n, n.seen);
        ::archive_entry_set_symlink(e.get(), target.data());
        ::archive_entry_set_size(e.get(), 0);
        to_.begin(e);
        note('l', n, 0);
    }

    void add_file(const node& n) {
        const descriptor file(::openat(n.parent, n.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
        struct stat seen{};
        if (!file && errno == ENOENT) changed(n);
        if (!file || ::fstat(file.get(), &seen) != 0) throw unavailable(fmt::format("cannot read {}: {}", vmail::quoted(n.path), system_reason()));
        if (!same_file(seen, n.seen)) changed(n);
        to_.begin(header_of(n, seen));
        note('f', n, static_cast<std::uint64_t>(seen.st_size));
        copy(file.get(), n);
        if (::fstat(file.get(), &seen) != 0 || !same_file(seen, n.seen)) changed(n);
    }

    void copy(int file, const node& n) {
        for (auto left = static_cast<std::uint64_t>(n.seen.st_size); left > 0;) {
            const ssize_t count = ::read(file, block_.data(), std::min<std::uint64_t>(block_.size(), left));
            if (count < 0) throw unavailable(fmt::format("cannot read {}: {}", vmail::quoted(n.path), system_reason()));
            if (count == 0) changed(n);
            const std::string_view bytes(block_.data(), static_cast<std::size_t>(count));
            to_.data(bytes);
            all_.add(bytes);
            left -= bytes.size();
        }
    }

    [[noreturn]] static void changed(const node& n) { throw conflict(fmt::format("{} changes while it is archived", vmail::quoted(n.path))); }

    writer& to_;
    archived& told_;
    mail_store::digest all_;
    std::array<char, 65536> block_{};
};

void write_folder(writer& to, int folder) {
    struct stat seen{};
    if (::fstat(folder, &seen) != 0) throw unavailable(fmt::format("cannot look at the folder: {}", system_reason()));
    const entry_ptr e(::archive_entry_new());
    ::archive_entry_copy_stat(e.get(), &seen);
    ::archive_entry_set_pathname(e.get(), member::mail);
    ::archive_entry_set_nlink(e.get(), 1);
    to.begin(e);
}

} // namespace

archived write_archive(int out, const std::string& heading, const std::string& entry, const std::optional<descriptor>& folder) {
    archived made;
    writer to(out);
    to.text(member::entry, entry);
    mail_archiver mail(to, made);
    if (folder) {
        write_folder(to, folder->get());
        mail_store::walk(folder->get(), [&](const node& n) { mail.add(n); });
    }
    mail_store::digest of_entry;
    of_entry.add(entry);
    made.told = {.heading = heading,
                 .files = made.seen.files,
                 .folders = made.seen.folders,
                 .bytes = made.seen.bytes,
                 .others = made.seen.others,
                 .has_folder = folder.has_value(),
                 .entry_digest = mail_store::hex_of(of_entry.take()),
                 .mail_digest = mail.digest()};
    to.text(member::manifest, made.told.text());
    to.close();
    return made;
}

} // namespace vmail::tools
