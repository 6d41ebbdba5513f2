#include "archive_reader.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include <fmt/format.h>

#include <vmail/descriptor.hpp>
#include <vmail/error.hpp>
#include <vmail/mail_store/tree.hpp>
#include <vmail/printable.hpp>

#include "archive_members.hpp"

namespace vmail::tools {

namespace {

constexpr std::size_t longest_entry = 64U << 20U, longest_manifest = 1U << 16U;

[[noreturn]] void refuse(std::string_view path, std::string_view why) { throw invalid_value(fmt::format("the archive is refused: {} {}", vmail::quoted(path), why)); }

/// A member of the mail, as its header has it.
struct mail_member {
    char kind;        ///< of member::add_to()
    std::string path; ///< from the folder of mail; empty: that itself
    std::uint64_t size;
    struct timespec changed;
    mode_t mode;
};

/// Hears of each member, and of its contents behind it.
struct mail_receiver {
    std::function<void(const mail_member&)> begin = [](const mail_member&) {};
    std::function<void(std::string_view)> data = [](std::string_view) {};
    std::function<void(const mail_member&)> end = [](const mail_member&) {};
};

struct free_archive {
    void operator()(struct archive* a) const noexcept { ::archive_read_free(a); }
};

bool is_safe(std::string_view path) {
    for (std::size_t slash = 0; slash != std::string_view::npos;) {
        slash = path.find('/');
        const auto part = path.substr(0, slash);
        if (part.empty() || part == "." || part == ".." || part.size() > 255) return false;
        path.remove_prefix(slash == std::string_view::npos ? 0 : slash + 1);
    }
    return true;
}

class reader {
public:
    reader(int in, std::uint64_t most, const mail_receiver& to) : archive_(::archive_read_new()), to_(to), most_(most) {
        if (!archive_) throw std::bad_alloc();
        require(::archive_read_support_filter_zstd(archive_.get()));
        require(::archive_read_support_format_tar(archive_.get()));
        if (::lseek(in, 0, SEEK_SET) != 0) throw invalid_value("the archive is no regular file");
        require(::archive_read_open_fd(archive_.get(), in, block_.size()));
    }

    read_archive read() {
        read_archive all;
        for (auto* e = next(); e != nullptr; e = next()) take(e, all);
        if (!complete_) throw invalid_value("the archive has no manifest at its end: it is none of a mailbox, or cut off");
        return all;
    }

private:
    struct archive_entry* next() {
        struct archive_entry* e = nullptr;
        const int status = ::archive_read_next_header(archive_.get(), &e);
        if (status == ARCHIVE_EOF) return nullptr;
        require(status);
        return e;
    }

    void take(struct archive_entry* e, read_archive& all) {
        const char* const name = ::archive_entry_pathname(e);
        if (name == nullptr) refuse("", "has a name that cannot be read");
        const std::string_view path(name);
        if (complete_) refuse(path, "comes after its manifest");
        if (::archive_entry_hardlink(e) != nullptr) refuse(path, "is a hard link");
        if (all.entry.empty()) return take_entry(e, path, all);
        if (path == member::manifest) return take_manifest(e, all);
        take_mail(e, path);
    }

    void take_entry(struct archive_entry* e, std::string_view path, read_archive& all) {
        if (path != member::entry || ::archive_entry_filetype(e) != AE_IFREG) refuse(path, "is not the entry that comes first");
        all.entry = text(path, longest_entry);
        if (all.entry.empty()) refuse(path, "is empty");
    }

    void take_manifest(struct archive_entry* e, read_archive& all) {
        if (::archive_entry_filetype(e) != AE_IFREG) refuse(member::manifest, "is no file");
        all.told = manifest::parse(text(member::manifest, longest_manifest));
        mail_store::digest of_entry;
        of_entry.add(all.entry);
        counted_.heading = all.told.heading;
        counted_.others = std::max(counted_.others, all.told.others); // sockets and pipes were counted alone
        counted_.entry_digest = mail_store::hex_of(of_entry.take());
        counted_.mail_digest = mail_store::hex_of(mail_.take());
        if (!(counted_ == all.told)) throw invalid_value("the archive is damaged: what is in it is not what its manifest says");
        complete_ = true;
    }

    void take_mail(struct archive_entry* e, std::string_view path) {
        if (path == "mail" || path == "mail/") return take_folder_of_mail(e, path);
        if (!path.starts_with("mail/") || !counted_.has_folder) refuse(path, "lies outside of the mail");
        if (path.ends_with('/')) path.remove_suffix(1);
        path.remove_prefix(5);
        if (!is_safe(path)) refuse(path, "leads elsewhere");
        const mail_member m = member_of(e, path);
        member::add_to(mail_, m.kind, m.path, m.size, m.changed.tv_sec, m.changed.tv_nsec);
        to_.begin(m);
        if (m.kind == 'f') copy(m);
        to_.end(m);
    }

    void take_folder_of_mail(struct archive_entry* e, std::string_view path) {
        if (counted_.has_folder || ::archive_entry_filetype(e) != AE_IFDIR) refuse(path, "is no folder, or there twice");
        counted_.has_folder = true;
        to_.begin({'d', "", 0, {}, ::archive_entry_perm(e)});
    }

    mail_member member_of(struct archive_entry* e, std::string_view path) {
        const auto type = ::archive_entry_filetype(e);
        if (type != AE_IFREG && type != AE_IFDIR && type != AE_IFLNK) refuse(path, "is a device, a pipe or the like");
        const bool is_file = type == AE_IFREG;
        if (is_file && (!::archive_entry_size_is_set(e) || ::archive_entry_size(e) < 0)) refuse(path, "has no size");
        const auto size = is_file ? static_cast<std::uint64_t>(::archive_entry_size(e)) : 0;
        if (size > most_ - counted_.bytes) refuse(path, "is bigger than what is there to hold it");
        counted_.bytes += size;
        ++(is_file ? counted_.files : type == AE_IFDIR ? counted_.folders : counted_.others);
        return {is_file ? 'f' : type == AE_IFDIR ? 'd' : 'l', std::string(path), size, {::archive_entry_mtime(e), ::archive_entry_mtime_nsec(e)}, ::archive_entry_perm(e)};
    }

    void copy(const mail_member& m) {
        std::uint64_t seen = 0;
        for (auto bytes = block(); !bytes.empty(); bytes = block()) {
            seen += bytes.size();
            if (seen > m.size) refuse(m.path, "is bigger than it says");
            mail_.add(bytes);
            to_.data(bytes);
        }
        if (seen != m.size) refuse(m.path, "is smaller than it says");
    }

    std::string text(std::string_view path, std::size_t longest) {
        std::string all;
        for (auto bytes = block(); !bytes.empty(); bytes = block()) {
            all += bytes;
            if (all.size() > longest) refuse(path, "is too long");
        }
        return all;
    }

    /// Empty: at its end.
    std::string_view block() {
        const auto count = ::archive_read_data(archive_.get(), block_.data(), block_.size());
        if (count < 0) fail();
        return {block_.data(), static_cast<std::size_t>(count)};
    }

    void require(int status) {
        if (status < ARCHIVE_WARN) fail();
    }
    [[noreturn]] void fail() {
        const char* const why = ::archive_error_string(archive_.get());
        throw invalid_value(fmt::format("the archive is damaged, or none: {}", why != nullptr ? printable(why) : "no reason is given"));
    }

    std::unique_ptr<struct archive, free_archive> archive_;
    const mail_receiver& to_;
    std::uint64_t most_;
    manifest counted_{};
    mail_store::digest mail_;
    bool complete_ = false;
    std::array<char, 65536> block_{};
};

std::string folder_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? std::string() : path.substr(0, slash);
}
std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// The folders of an extraction, the last one kept open: members of one folder follow each other.
class folder_cache {
public:
    explicit folder_cache(int top) : top_(top) {}

    /// Empty: it is not there.
    int open(const std::string& path) {
        if (!at_ || path != path_) find(path);
        return at_.get();
    }

private:
    void find(const std::string& path) {
        at_ = mail_store::open_within(top_, ".");
        for (std::size_t begin = 0; at_ && begin < path.size();) {
            const auto end = std::min(path.find('/', begin), path.size());
            at_ = mail_store::open_within(at_.get(), path.substr(begin, end - begin));
            begin = end + 1;
        }
        path_ = path;
    }

    int top_;
    descriptor at_{};
    std::string path_{};
};

class extraction {
public:
    explicit extraction(int top) : top_(top), folders_(top) {}

    void begin(const mail_member& m) {
        if (m.path.empty()) return open_to(top_, m);
        const int parent = folders_.open(folder_of(m.path));
        if (parent < 0) refuse(m.path, "comes before its folder");
        const std::string name = name_of(m.path);
        if (m.kind == 'd') return make_folder(parent, name, m);
        if (m.kind != 'f') return;
        file_ = descriptor(::openat(parent, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (!file_) cannot_make(m);
    }

    void data(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t count = ::write(file_.get(), bytes.data(), bytes.size());
            if (count < 0) throw unavailable(fmt::format("cannot write the mail: {}", system_reason()));
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
    }

    /// The time of a message is when it came, to IMAP.
    void end(const mail_member& m) {
        if (m.kind != 'f') return;
        const std::array<struct timespec, 2> times = {m.changed, m.changed};
        if (::fchmod(file_.get(), (m.mode & 0777U) | 0600U) != 0 || ::futimens(file_.get(), times.data()) != 0)
            throw unavailable(fmt::format("cannot write the mail: {}", system_reason()));
        file_ = descriptor();
    }

private:
    static void make_folder(int parent, const std::string& name, const mail_member& m) {
        if (::mkdirat(parent, name.c_str(), 0700) != 0) cannot_make(m);
        const auto made = mail_store::open_within(parent, name);
        if (!made) cannot_make(m);
        open_to(made.get(), m);
    }

    static void open_to(int folder, const mail_member& m) {
        if (::fchmod(folder, (m.mode & 0777U) | 0700U) != 0) cannot_make(m);
    }

    [[noreturn]] static void cannot_make(const mail_member& m) {
        if (errno == EEXIST) refuse(m.path, "is there twice");
        throw unavailable(fmt::format("cannot make {}: {}", vmail::quoted(m.path), system_reason()));
    }

    int top_;
    folder_cache folders_;
    descriptor file_{};
};

bool is_there(folder_cache& folders, const mail_member& m) {
    if (m.path.empty()) return true;
    const int parent = folders.open(folder_of(m.path));
    struct stat seen{};
    if (parent < 0 || ::fstatat(parent, name_of(m.path).c_str(), &seen, AT_SYMLINK_NOFOLLOW) != 0) return false;
    if (m.kind == 'd') return S_ISDIR(seen.st_mode);
    return S_ISREG(seen.st_mode) && static_cast<std::uint64_t>(seen.st_size) == m.size && seen.st_mtim.tv_sec == m.changed.tv_sec;
}

} // namespace

read_archive check_archive(int in, std::uint64_t most) {
    const mail_receiver nobody;
    return reader(in, most, nobody).read();
}

read_archive extract_archive(int in, std::uint64_t most, int folder) {
    extraction made(folder);
    const mail_receiver to{.begin = [&](const mail_member& m) { made.begin(m); },
                           .data = [&](std::string_view bytes) { made.data(bytes); },
                           .end = [&](const mail_member& m) { made.end(m); }};
    return reader(in, most, to).read();
}

bool is_extracted(int in, std::uint64_t most, int folder) {
    folder_cache folders(folder);
    bool all = true;
    const mail_receiver to{.begin = [&](const mail_member& m) { all = all && (m.kind == 'l' || is_there(folders, m)); }};
    reader(in, most, to).read();
    return all;
}

} // namespace vmail::tools
