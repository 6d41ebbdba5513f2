#include <memory>
#include <vector>

#include <dirent.h>
#include <fcntl.h>

#include <fmt/format.h>

#include <vmail/error.hpp>

#include "quota_file.hpp"

namespace vmail::mbox {

namespace {

constexpr const char* file = "maildirsize";

std::vector<std::string> list_folders(const descriptor& maildir) {
    std::vector<std::string> folders = {""};
    const int fd = ::openat(maildir.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(fd < 0 ? nullptr : ::fdopendir(fd), &::closedir);
    if (!stream) throw unavailable("cannot list the Maildir: " + system_reason());
    while (const dirent* const entry = ::readdir(stream.get())) {
        const std::string_view name = entry->d_name;
        if (name.size() > 1 && name[0] == '.' && name[1] != '.' && (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN))
            folders.emplace_back(name);
    }
    return folders;
}

std::string usage_line(const descriptor& maildir, const account& owner) {
    std::uint64_t bytes = 0, messages = 0;
    for (const std::string& name : list_folders(maildir)) {
        std::optional<maildir_folder> folder;
        try {
            folder = maildir_folder::open(maildir, name, owner);
        } catch (const denied&) {
            continue; // not his: not counted
        }
        if (!folder) continue;
        const auto used = folder->usage();
        bytes += used.first;
        messages += used.second;
    }
    return fmt::format("{} {}\n", bytes, messages);
}

} // namespace

void update_quota_file(const descriptor& maildir, const account& owner, const std::optional<vmail::quota>& quota, const quota_change& change) {
    const auto there = small_file::read(maildir, file);
    const bool wanted = quota && !quota->unlimited();
    if (!there && !wanted) return;
    const std::string limit = there ? there->substr(0, there->find('\n')) : "";
    const std::string new_limit = wanted ? quota->to_attribute(quota_dialect::maildir) : limit;
    if (new_limit != limit || change.resumed)
        return small_file::write(maildir, file, new_limit + '\n' + usage_line(maildir, owner), small_file::safety::none);
    if (change.messages > 0) small_file::append(maildir, file, fmt::format("{} {}\n", change.bytes, change.messages));
}

} // namespace vmail::mbox
