#include <cerrno>
#include <utility>

#include <fcntl.h>

#include <fmt/format.h>

#include <vmail/error.hpp>
#include <vmail/mail_folder.hpp>
#include <vmail/printable.hpp>
#include <vmail/resolved_open.hpp>

#include <vmail/jobs/mail_root.hpp>

namespace vmail::jobs {

namespace {

std::string without_slashes(std::string path) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
}

descriptor open_root(const std::string& path) {
    descriptor folder(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!folder) throw error(error_kind::configuration, fmt::format("cannot open {}, below which all mail is to lie: {}", printable(path), system_reason()));
    return folder;
}

} // namespace

mail_root::mail_root(std::string path) : path_(without_slashes(std::move(path))), folder_(open_root(path_)) {}

std::string mail_root::below(const std::string& home, const std::string& path) const {
    const std::string whole = without_slashes(home);
    if (whole == path_) return path;
    const std::string prefix = path_ == "/" ? path_ : path_ + '/';
    if (!whole.starts_with(prefix)) throw invalid_value(fmt::format("its mail lies below {}, which is not below {}", vmail::quoted(home), printable(path_)));
    return whole.substr(prefix.size()) + '/' + path;
}

std::optional<descriptor> mail_root::find(const std::string& home, const std::string& path) const {
    const std::string relative = below(home, path);
    mail_folder::check(relative);
    descriptor folder(open_resolved(folder_.get(), mail_folder::bare(relative), O_DIRECTORY, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS));
    if (folder) return folder;
    if (errno == ENOENT) return std::nullopt;
    throw unavailable(fmt::format("cannot open its folder {} below {}: {}", vmail::quoted(relative), printable(path_), system_reason()));
}

} // namespace vmail::jobs
