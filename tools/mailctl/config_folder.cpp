#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include <vmail/descriptor.hpp>
#include <vmail/error.hpp>
#include <vmail/printable.hpp>

#include <cli/output_file.hpp>
#include <cli/shell_word.hpp>

#include "config_folder.hpp"

namespace vmail::tools {

namespace {

/// More than this is none of ours, whatever it is.
constexpr off_t longest = off_t{256} << 20;

[[noreturn]] void refuse(const std::string& sentence, std::string hint = {}) { throw error(error_kind::configuration, sentence, {.hint = std::move(hint)}); }

std::string read_all(int fd, const std::string& path) {
    auto text = read_to_end(fd);
    if (!text) refuse(fmt::format("cannot read {}: {}", printable(path), system_reason()));
    return std::move(*text);
}

} // namespace

config_folder::config_folder(std::string path) : path_(std::move(path)) {
    const descriptor folder(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder) return;
    const auto shown = printable(path_);
    refuse(fmt::format("cannot write into the folder {}: {}", shown, system_reason()), errno == ENOENT ? fmt::format("mkdir -p {}", shell_word(shown)) : "");
}

found_file config_folder::look(const wanted_file& wanted) const {
    const auto path = path_of(wanted.name);
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
        if (errno != ENOENT) refuse(fmt::format("cannot look at {}: {}", printable(path), system_reason()));
        return {};
    }
    if (S_ISLNK(status.st_mode)) refuse(fmt::format("{} is a symbolic link, which is not followed", printable(path)), "move it away");
    if (!S_ISREG(status.st_mode)) refuse(fmt::format("{} is no regular file", printable(path)));
    if (status.st_size > longest) return {.text = "", .standing = file_standing::foreign};
    const descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file) refuse(fmt::format("cannot read {}: {}", printable(path), system_reason()));
    found_file found{.text = read_all(file.get(), path), .is_open_wider = (status.st_mode & 0777U & ~wanted.mode) != 0};
    found.standing = judge_file(found.text, wanted.text);
    return found;
}

void config_folder::write(const std::vector<const wanted_file*>& files) const {
    std::vector<std::unique_ptr<output_file>> written;
    for (const auto* const file : files) {
        written.push_back(std::make_unique<output_file>(path_of(file->name)));
        written.back()->stream() << file->text << std::flush;
        written.back()->open_to(file->mode, file->group);
    }
    for (const auto& file : written) file->commit();
}

} // namespace vmail::tools
