#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "file_place.hpp"

namespace vmail::tools {

namespace {

namespace fs = std::filesystem;

constexpr int most_links = 40;

/// What a link leads to need not be there.
fs::path end_of_links(fs::path path) {
    std::error_code failed;
    for (int links = 0; links < most_links && fs::is_symlink(fs::symlink_status(path, failed)); ++links)
        path = path.parent_path() / fs::read_symlink(path, failed);
    return path;
}

} // namespace

file_place::file_place(const std::string& path) {
    struct stat status {};
    const bool is_there = (path == "-" ? ::fstat(STDOUT_FILENO, &status) : ::stat(path.c_str(), &status)) == 0;
    if (is_there && !S_ISREG(status.st_mode)) return;
    kind_ = is_there ? kind::there : kind::to_be_made;
    file_ = {status.st_dev, status.st_ino};
    if (path != "-") locate(path);
}

void file_place::locate(const std::string& path) {
    const fs::path end = end_of_links(path);
    std::error_code failed;
    folder_ = fs::canonical(end.has_parent_path() ? end.parent_path() : fs::path("."), failed).string();
    name_ = end.filename().string();
}

bool file_place::find(const std::string& path, identity& found) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return false;
    found = {status.st_dev, status.st_ino};
    return true;
}

bool file_place::is(const file_place& other) const {
    if (kind_ == kind::none || kind_ != other.kind_) return false;
    if (kind_ == kind::there) return file_ == other.file_;
    return name_ == other.name_ && is_member_of(other.folder_);
}

bool file_place::is_member_of(const std::string& directory) const {
    identity mine, wanted;
    return kind_ != kind::none && find(folder_, mine) && find(directory, wanted) && mine == wanted;
}

bool file_place::lies_in(const std::string& directory) const {
    identity above, wanted;
    if (kind_ == kind::none || !find(directory, wanted)) return false;
    for (fs::path at = folder_; !at.empty(); at = at.parent_path()) {
        if (find(at.string(), above) && above == wanted) return true;
        if (at == at.root_path()) break;
    }
    return false;
}

} // namespace vmail::tools
