#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <deque>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include "source_path.hpp"

namespace vmail::mbox {

namespace {

constexpr int most_links = 40;

[[noreturn]] void missing(const std::string& path, const std::string& why) {
    throw error(error_kind::input_missing, fmt::format("cannot read {}: {}", printable(path), why));
}

std::deque<std::string> split(std::string_view path) {
    std::deque<std::string> names;
    while (!path.empty()) {
        const std::size_t slash = std::min(path.find('/'), path.size());
        if (slash > 0 && path.substr(0, slash) != ".") names.emplace_back(path.substr(0, slash));
        path.remove_prefix(std::min(slash + 1, path.size()));
    }
    return names;
}

/// Goes down a path as root, name by name.
class walk {
public:
    explicit walk(const std::string& path) : path_(path), names_(split(path)) {
        if (path.empty()) missing(path_, "it names no file");
        const bool is_here = names_.empty() && !path.starts_with('/');
        if (is_here) names_ = split(working_directory());
        start(path.starts_with('/') || is_here ? "/" : ".");
    }

    source_path run() {
        while (names_.size() > 1) step();
        // The last name may be a link of root's as well.
        while (!names_.empty() && is_link(names_.front())) {
            follow(names_.front());
            while (names_.size() > 1) step();
        }
        const std::string name = names_.empty() ? "." : names_.front();
        return {path_, std::make_shared<descriptor>(std::move(at_)), name, user_ == 0 ? std::nullopt : std::optional(user_)};
    }

private:
    /// With its name, by which lists of subscribed folders know it.
    std::string working_directory() const {
        std::string path(PATH_MAX, '\0');
        if (!::getcwd(path.data(), path.size())) missing(path_, system_reason());
        return path.c_str();
    }

    void start(const char* where) {
        at_ = descriptor(::open(where, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!at_) missing(path_, system_reason());
        user_ = 0;
    }

    struct stat look(const std::string& name) const {
        struct stat status {};
        if (::fstatat(at_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) missing(path_, system_reason());
        return status;
    }

    bool is_link(const std::string& name) const { return S_ISLNK(look(name).st_mode); }

    void follow(const std::string& name) {
        if (++links_ > most_links) missing(path_, "too many symbolic links");
        if (user_ != 0 || look(name).st_uid != 0)
            throw denied(fmt::format("will not read {}: {} is a symbolic link that is not root's", printable(path_), vmail::quoted(name)));
        std::string target(PATH_MAX, '\0');
        const ssize_t length = ::readlinkat(at_.get(), name.c_str(), target.data(), target.size());
        if (length <= 0) missing(path_, system_reason());
        target.resize(static_cast<std::size_t>(length));
        names_.pop_front();
        auto more = split(target);
        names_.insert(names_.begin(), more.begin(), more.end());
        if (target.starts_with('/')) start("/");
    }

    void step() {
        const std::string name = names_.front();
        if (is_link(name)) return follow(name);
        descriptor next(::openat(at_.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        struct stat status {};
        if (!next || ::fstat(next.get(), &status) != 0) missing(path_, system_reason());
        if (user_ != 0 && status.st_uid != user_)
            throw denied(
                fmt::format("will not read {}: {} lies among the files of user {} and is not his", printable(path_), vmail::quoted(name), user_));
        user_ = status.st_uid;
        at_ = std::move(next);
        names_.pop_front();
    }

    std::string path_;
    std::deque<std::string> names_;
    descriptor at_;
    uid_t user_ = 0; ///< whose directories we are in; 0 while only root can change them
    int links_ = 0;
};

source_path resolve_plainly(const std::string& path) {
    char* const real = ::realpath(path.c_str(), nullptr);
    if (!real) missing(path, system_reason());
    const std::unique_ptr<char, decltype(&std::free)> owned(real, &std::free);
    const std::string_view text(real);
    const std::size_t slash = text.rfind('/');
    const std::string folder(text.substr(0, slash + 1));
    auto parent = std::make_shared<descriptor>(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    // A directory that may be passed but not listed is enough to open what is in it.
    if (!*parent) parent = std::make_shared<descriptor>(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!*parent) missing(path, system_reason());
    return {path, std::move(parent), slash + 1 < text.size() ? std::string(text.substr(slash + 1)) : ".", {}};
}

} // namespace

source_path resolve(const std::string& path) { return ::geteuid() == 0 ? walk(path).run() : resolve_plainly(path); }

descriptor open_source(const source_path& source, struct stat& status) {
    // Without O_NONBLOCK, opening a pipe would wait for somebody to write into it.
    descriptor fd(::openat(source.parent->get(), source.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!fd && errno == ELOOP) missing(source.text, "it is a symbolic link");
    if (!fd || ::fstat(fd.get(), &status) != 0) missing(source.text, system_reason());
    if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) missing(source.text, "it is neither a file nor a directory");
    if (source.owner && status.st_uid != *source.owner)
        throw denied(fmt::format("will not read {}: it lies among the files of user {} and is not his", printable(source.text), *source.owner));
    return fd;
}

} // namespace vmail::mbox
