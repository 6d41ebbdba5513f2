#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>
#include <vmail/resolved_open.hpp>

#include <vmail/mail_store/tree.hpp>

namespace vmail::mail_store {

namespace {

constexpr std::size_t deepest = 64;

[[noreturn]] void cannot(std::string_view what, const std::string& path) {
    throw unavailable(fmt::format("cannot {} {}: {}", what, vmail::quoted(path), system_reason()));
}

struct close_stream {
    void operator()(DIR* d) const noexcept { ::closedir(d); }
};
using stream = std::unique_ptr<DIR, close_stream>;

stream open_stream(descriptor folder, const std::string& path) {
    stream opened(::fdopendir(folder.get()));
    if (!opened) cannot("read the folder", path);
    folder.release();
    return opened;
}

bool is_dots(const char* name) { return std::strcmp(name, ".") == 0 || std::strcmp(name, "..") == 0; }

/// The next name; empty at the end.
std::string next_name(DIR* d, const std::string& path) {
    for (errno = 0; const dirent* const one = ::readdir(d); errno = 0)
        if (!is_dots(one->d_name)) return one->d_name;
    if (errno != 0) cannot("read the folder", path);
    return {};
}

std::string joined(const std::string& path, const std::string& name) { return path.empty() ? name : path + '/' + name; }

descriptor reopen(int folder) {
    descriptor again(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!again) cannot("open", ".");
    return again;
}

void walk_below(descriptor folder, const std::string& path, std::size_t depth, const std::function<void(const node&)>& visit) {
    if (depth > deepest) throw unavailable(fmt::format("{}: folders are nested deeper than {}", vmail::quoted(path), deepest));
    const stream names = open_stream(std::move(folder), path);
    const int here = ::dirfd(names.get());
    for (std::string name = next_name(names.get(), path); !name.empty(); name = next_name(names.get(), path)) {
        const std::string whole = joined(path, name);
        struct stat seen{};
        if (::fstatat(here, name.c_str(), &seen, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno == ENOENT) continue;
            cannot("look at", whole);
        }
        visit({whole, here, name, seen});
        if (!S_ISDIR(seen.st_mode)) continue;
        auto inner = open_within(here, name);
        if (!inner && errno == ENOENT) continue;
        if (!inner) cannot("open the folder", whole);
        walk_below(std::move(inner), whole, depth + 1, visit);
    }
}

/// Whether it is gone, or a folder.
bool unlink_file(int here, const std::string& name, const std::string& path) {
    if (::unlinkat(here, name.c_str(), 0) == 0 || errno == ENOENT) return true;
    if (errno != EISDIR && errno != EPERM) cannot("remove", path);
    return false;
}

void remove_below(descriptor folder, const std::string& path, std::size_t depth);

void remove_folder(int here, const std::string& name, const std::string& path, std::size_t depth) {
    auto inner = open_within(here, name);
    if (!inner && errno == ENOENT) return;
    if (!inner) cannot("open the folder", path);
    remove_below(std::move(inner), path, depth);
    if (::unlinkat(here, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) cannot("remove", path);
}

/// Names are taken before anything goes: what readdir(3) gives while names go is not said.
std::vector<std::string> some_names(int folder, const std::string& path, std::size_t at_once = 4096) {
    const stream names = open_stream(reopen(folder), path);
    std::vector<std::string> all;
    for (std::string name = next_name(names.get(), path); !name.empty() && all.size() < at_once; name = next_name(names.get(), path)) all.push_back(name);
    return all;
}

/// Who gave himself a folder that cannot be written to is still its owner, as whom this works.
void make_writable(int folder) {
    struct stat seen{};
    if (::fstat(folder, &seen) == 0 && (seen.st_mode & S_IWUSR) == 0) ::fchmod(folder, (seen.st_mode & 07777) | S_IWUSR);
}

void remove_below(descriptor folder, const std::string& path, std::size_t depth) {
    if (depth > deepest) throw unavailable(fmt::format("{}: folders are nested deeper than {}", vmail::quoted(path), deepest));
    make_writable(folder.get());
    for (auto names = some_names(folder.get(), path); !names.empty(); names = some_names(folder.get(), path))
        for (const std::string& name : names)
            if (!unlink_file(folder.get(), name, joined(path, name))) remove_folder(folder.get(), name, joined(path, name), depth + 1);
}

std::string text_of(const struct timespec& t) { return fmt::format("{}.{:09}", t.tv_sec, t.tv_nsec); }

/// The times of a folder, of what is in it.
std::string description_of(const node& n) {
    if (n.is_folder()) return "folder";
    return fmt::format("{:o} {} {} {} {}", n.seen.st_mode & S_IFMT, n.seen.st_size, n.seen.st_ino, text_of(n.seen.st_mtim), text_of(n.seen.st_ctim));
}

} // namespace

descriptor open_within(int parent, const std::string& name) {
    return descriptor(open_resolved(parent, name, O_DIRECTORY | O_NOFOLLOW, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV));
}

void walk(int top, const std::function<void(const node&)>& visit) { walk_below(reopen(top), "", 0, visit); }

void inventory::add(const node& n) {
    one_.add_field(n.path);
    one_.add(description_of(n));
    const std::string digest_of_it = one_.take();
    for (std::size_t i = 0; i < 4; ++i) {
        std::uint64_t part = 0;
        std::memcpy(&part, digest_of_it.data() + 8 * i, sizeof part);
        sum_[i] += part;
    }
    if (n.is_folder()) ++folders;
    else if (n.is_file()) {
        ++files;
        bytes += static_cast<std::uint64_t>(n.seen.st_size);
    } else ++others;
}

std::string inventory::text() const { return fmt::format("{:016x}{:016x}{:016x}{:016x}", sum_[0], sum_[1], sum_[2], sum_[3]); }

inventory take_inventory(int top) {
    inventory all;
    walk(top, [&](const node& n) { all.add(n); });
    return all;
}

std::vector<std::string> folder_names(int folder) { return some_names(folder, "", SIZE_MAX); }

void remove_contents(int top) { remove_below(reopen(top), "", 0); }

} // namespace vmail::mail_store
