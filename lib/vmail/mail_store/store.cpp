#include <algorithm>
#include <cerrno>
#include <map>
#include <memory>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/maildir.hpp>
#include <vmail/printable.hpp>
#include <vmail/resolved_open.hpp>

#include <vmail/mail_store/store.hpp>

namespace vmail::mail_store {

namespace {

constexpr std::uint64_t beneath = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;

[[noreturn]] void leads_elsewhere(const std::string& path) {
    const bool link = errno == ELOOP || errno == ENOTDIR;
    const bool other = errno == EXDEV;
    if (!link && !other) throw unavailable(fmt::format("cannot open the folder {}: {}", vmail::quoted(path), system_reason()));
    throw invalid_value(fmt::format("the folder {} {}: nothing is done to it", vmail::quoted(path), other ? "lies in another file system" : "is none, or lies behind a symbolic link"));
}

struct stat look(int fd, const std::string& path) {
    struct stat seen{};
    if (::fstat(fd, &seen) != 0) throw unavailable(fmt::format("cannot look at {}: {}", vmail::quoted(path), system_reason()));
    return seen;
}

/// What daemons leave in a folder before the first mail comes.
bool is_of_daemons(const node& n) {
    return n.is_file() && (n.name.starts_with("dovecot") || n.name.starts_with("courier") || n.name == "maildirsize" || n.name == "subscriptions");
}

bool could_be_maildir(int folder) {
    if (maildir::is_one(folder)) return true;
    bool nothing_else = true;
    walk(folder, [&](const node& n) { nothing_else = nothing_else && is_of_daemons(n); });
    return nothing_else;
}

void require_mail(int folder, const std::string& path) {
    const struct stat seen = look(folder, path);
    if (seen.st_uid != ::geteuid()) throw denied(fmt::format("the folder {} belongs to user {}, and mail to user {}: nothing is done to it", vmail::quoted(path), seen.st_uid, ::geteuid()));
    if (!could_be_maildir(folder)) throw invalid_value(fmt::format("the folder {} is no Maildir: nothing is done to it", vmail::quoted(path)));
}

} // namespace

void sync_folder(int folder) {
    const descriptor whole(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!whole || ::fsync(whole.get()) != 0) throw unavailable(fmt::format("cannot write a folder to disk: {}", system_reason()));
}

store::store(const std::string& root) : root_(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
    if (!root_) throw error(error_kind::configuration, fmt::format("cannot open {}, below which all mail is to lie: {}", printable(root), system_reason()));
}

std::optional<found_folder> store::find(const folder_path& place) const {
    descriptor parent(open_resolved(root_.get(), place.parent(), O_DIRECTORY, beneath));
    if (!parent && errno == ENOENT) return std::nullopt;
    if (!parent) leads_elsewhere(place.parent());
    descriptor folder = open_within(parent.get(), place.leaf());
    if (!folder && errno == ENOENT) return std::nullopt;
    if (!folder) leads_elsewhere(place.text());
    require_mail(folder.get(), place.text());
    return found_folder{std::move(parent), std::move(folder)};
}

descriptor store::make_parent(const folder_path& place) const {
    const std::string path = place.parent();
    descriptor at(open_resolved(root_.get(), ".", O_DIRECTORY, beneath));
    for (std::size_t begin = 0, end = 0; at && end != std::string::npos; begin = end + 1) {
        end = path.find('/', begin);
        const std::string name = path.substr(begin, end == std::string::npos ? end : end - begin);
        if (::mkdirat(at.get(), name.c_str(), 0700) == 0) sync_folder(at.get());
        at = open_within(at.get(), name);
    }
    if (!at) leads_elsewhere(path);
    return at;
}

descriptor store::own_folder(const std::string& name) const {
    if (::mkdirat(root_.get(), name.c_str(), 0700) != 0 && errno != EEXIST)
        throw unavailable(fmt::format("cannot make the folder {} in the home of all mail: {}", vmail::quoted(name), system_reason()),
                          {.hint = "make it, for the user whose the mail is, with the mode 700"});
    descriptor folder = open_within(root_.get(), name);
    if (!folder) leads_elsewhere(name);
    const struct stat seen = look(folder.get(), name);
    if (seen.st_uid != ::geteuid() || (seen.st_mode & 022U) != 0) throw denied(fmt::format("the folder {} is somebody else's, or others may write to it", vmail::quoted(name)));
    return folder;
}

namespace {

void maildirs_below(int folder, const std::string& path, std::size_t depth, const std::function<void(const std::string&)>& visit) {
    constexpr std::size_t deepest = 8;
    if (depth > 0 && maildir::is_one(folder)) return visit(path);
    if (depth == deepest) return;
    const descriptor again(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!again) throw unavailable(fmt::format("cannot read the folder {}: {}", vmail::quoted(path.empty() ? "." : path), system_reason()));
    for (const std::string& name : folder_names(again.get())) {
        if (name.starts_with('.')) continue;
        const auto inner = open_within(folder, name);
        if (inner) maildirs_below(inner.get(), path.empty() ? name : path + '/' + name, depth + 1, visit);
    }
}

} // namespace

namespace {

struct close_names {
    void operator()(DIR* d) const noexcept { ::closedir(d); }
};

bool is_of_kind(int folder, const dirent& one, unsigned char type, mode_t mode) {
    if (one.d_type != DT_UNKNOWN) return one.d_type == type;
    struct stat seen{};
    return ::fstatat(folder, one.d_name, &seen, AT_SYMLINK_NOFOLLOW) == 0 && (seen.st_mode & S_IFMT) == mode;
}

/// What readdir(3) tells is enough: of a million Maildirs none is opened.
void names_below(descriptor folder, const std::string& path, std::size_t depth, const std::function<void(int folder, const dirent& one, const std::string& path)>& visit) {
    const std::unique_ptr<DIR, close_names> names(::fdopendir(folder.get()));
    if (!names) throw unavailable(fmt::format("cannot read the folder {}: {}", vmail::quoted(path.empty() ? "." : path), system_reason()));
    const int here = folder.release();
    while (const dirent* const one = ::readdir(names.get())) {
        const std::string name = one->d_name;
        if (name.starts_with('.')) continue;
        const std::string whole = path.empty() ? name : path + '/' + name;
        visit(here, *one, whole);
        if (depth > 1 && is_of_kind(here, *one, DT_DIR, S_IFDIR))
            if (auto inner = open_within(here, name)) names_below(std::move(inner), whole, depth - 1, visit);
    }
}

} // namespace

void store::each_link(std::size_t depth, const std::function<void(const std::string&, const std::string&)>& visit) const {
    const auto each_name = [&](const auto& look_at) { names_below(descriptor(::openat(root_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)), "", depth, look_at); };
    std::multimap<ino_t, std::string> links; // by what they lead to
    each_name([&](int folder, const dirent& one, const std::string& path) {
        struct stat led_to{};
        if (is_of_kind(folder, one, DT_LNK, S_IFLNK) && ::fstatat(folder, one.d_name, &led_to, 0) == 0 && S_ISDIR(led_to.st_mode)) links.emplace(led_to.st_ino, path);
    });
    if (links.empty()) return;
    each_name([&](int folder, const dirent& one, const std::string& path) {
        const auto [begin, end] = links.equal_range(one.d_ino);
        if (begin == end || !is_of_kind(folder, one, DT_DIR, S_IFDIR)) return;
        std::for_each(begin, end, [&](const auto& l) { visit(l.second, path); });
    });
}

void store::each_maildir(const std::function<void(const std::string&)>& visit) const { maildirs_below(root_.get(), "", 0, visit); }

} // namespace vmail::mail_store
